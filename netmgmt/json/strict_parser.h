// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// JSON text to a value, refusing whatever RFC 8259 leaves to taste: duplicate keys, a byte-order mark, NUL in a key,
// numbers beyond a double, trailing bytes. The limits are checked while reading, before a value is built, so that the
// memory a text can cost is bounded by its length and `ParseLimits::values`.

#include "netmgmt/json/json_view.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

namespace tessera::netmgmt {

struct ParseLimits {
    std::size_t nesting;      ///< objects and arrays inside each other, the outermost counted
    std::size_t values;       ///< scalars, objects and arrays together
    std::size_t string_bytes; ///< of one string or key, after escapes were resolved, in UTF-8
};

enum class ParseFailure : std::uint8_t {
    malformed,           ///< no JSON, or invalid, overlong or surrogate UTF-8, or bytes after the value
    number_out_of_range, ///< beyond a double, like 1e999
    byte_order_mark,
    nul_byte,
    nul_in_key,
    duplicate_key,
    too_deep,
    too_many_values,
    string_too_long,
};

struct ParseError {
    ParseFailure failure;
    std::size_t byte; ///< counted from 1; where reading stopped
};

/// What is wrong, for people.
[[nodiscard]] std::string_view describe(ParseFailure failure);

/// The name of the limit that was exceeded, empty when the failure is none of a limit.
[[nodiscard]] std::string_view exceeded_limit(ParseFailure failure);

/// Owns what was read. Takes no memory to be destroyed; nlohmann's own destructor does, and ends the program when there
/// is none.
class ReceivedDocument {
public:
    explicit ReceivedDocument(std::unique_ptr<nlohmann::json> root);
    ReceivedDocument(ReceivedDocument&&) noexcept;
    ~ReceivedDocument();

    [[nodiscard]] JsonView root() const { return JsonView(*root_); }

private:
    std::unique_ptr<nlohmann::json> root_;
};

/// Throws std::bad_alloc and nothing else.
[[nodiscard]] std::expected<ReceivedDocument, ParseError> parse_strictly(std::string_view text,
                                                                         const ParseLimits& limits);

} // namespace tessera::netmgmt
