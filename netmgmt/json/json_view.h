// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A received JSON value, looked at without knowing the library that holds it: only json/ includes nlohmann/json itself.

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::netmgmt {

/// Refers into a ReceivedDocument, as do the texts it gives.
class JsonView {
public:
    explicit JsonView(const nlohmann::json& value) : value_(&value) {}

    /// An object without members; always there.
    [[nodiscard]] static JsonView empty_object();

    [[nodiscard]] bool is_null() const;
    [[nodiscard]] bool is_object() const;
    [[nodiscard]] bool is_array() const;
    /// Written without fraction and exponent, from -2^63 to 2^64 - 1.
    [[nodiscard]] bool is_integer() const;

    // Empty when the value is of another kind.

    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<std::uint64_t> unsigned_integer() const;
    [[nodiscard]] std::optional<std::string_view> text() const;

    /// Elements of an array, members of an object.
    [[nodiscard]] std::size_t size() const;
    /// Of an array.
    [[nodiscard]] JsonView element(std::size_t index) const;
    /// Of an object.
    [[nodiscard]] std::optional<JsonView> find(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> member_names() const;

    /// The value as JSON text.
    [[nodiscard]] std::string json() const;

private:
    const nlohmann::json* value_;
};

} // namespace tessera::netmgmt
