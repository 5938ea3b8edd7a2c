// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The errors of the protocol. The code and the data are for programs, the message is for people.

#include "netmgmt/schema/read.h"
#include "netmgmt/view/system_error.h"

#include <expected>
#include <string>

namespace tessera::netmgmt {

enum class ErrorCode : std::int32_t {
    // JSON-RPC 2.0, section 5.1
    parse = -32700,           ///< data.byte, where reading stopped
    invalid_request = -32600, ///< data.member
    unknown_method = -32601,
    invalid_parameters = -32602, ///< data.member
    internal = -32603,
    // Tessera
    refused = -31000,        ///< data.errno, data.where
    not_allowed = -31001,    ///< data.role
    limit_exceeded = -31002, ///< data.limit
    unavailable = -31003,    ///< data.errno, data.where; asking again later helps
};

struct ErrorData {
    std::optional<std::uint64_t> byte{};
    std::optional<std::string> member{};
    std::optional<std::string_view> limit{};
    std::optional<std::string_view> role{};
    std::optional<std::string_view> errno_name{};
    std::optional<std::string_view> where{};
    bool operator==(const ErrorData&) const = default;
};

template <> struct Shape<ErrorData> {
    static constexpr std::tuple members{
        optional_member("byte", &ErrorData::byte, "of the line where reading stopped, counted from 1"),
        optional_member("member", &ErrorData::member, "that is wrong, missing or unknown"),
        optional_member("limit", &ErrorData::limit, "that was exceeded"),
        optional_member("role", &ErrorData::role, "that would be needed"),
        optional_member("errno", &ErrorData::errno_name, "as in errno.h"),
        optional_member("where", &ErrorData::where, "who said so"),
    };
};

struct RpcError {
    ErrorCode code;
    std::string message;
    ErrorData data{};
};

template <class Result> using Outcome = std::expected<Result, RpcError>;

[[nodiscard]] RpcError invalid_parameters(const ReadError& error);
[[nodiscard]] RpcError invalid_request(std::string_view member, std::string_view reason);
/// `limit` is of static storage.
[[nodiscard]] RpcError limit_exceeded(std::string_view limit, std::string_view reason);
[[nodiscard]] RpcError from_system(const SystemError& error);

template <class Value> [[nodiscard]] Outcome<Value> from_system(SystemResult<Value> result) {
    return std::move(result).transform_error([](const SystemError& error) { return from_system(error); });
}

} // namespace tessera::netmgmt
