// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/rpc_error.h"

#include <format>

namespace tessera::netmgmt {

RpcError invalid_parameters(const ReadError& error) {
    if (error.member.empty()) return {ErrorCode::invalid_parameters, "params " + error.reason, {.member = "params"}};
    auto message = std::format("parameter \"{}\" {}", error.member, error.reason);
    return {ErrorCode::invalid_parameters, std::move(message), {.member = error.member}};
}

RpcError invalid_request(std::string_view member, std::string_view reason) {
    RpcError error{ErrorCode::invalid_request, std::format("invalid request: {}", reason)};
    if (!member.empty()) error.data.member = member;
    return error;
}

RpcError limit_exceeded(std::string_view limit, std::string_view reason) {
    return {ErrorCode::limit_exceeded, std::string(reason), {.limit = limit}};
}

RpcError from_system(const SystemError& error) {
    const ErrorData data{.errno_name = error.name, .where = error.where};
    if (error.refusal == Refusal::unavailable) {
        return {ErrorCode::unavailable, std::format("{} is not available now, try again", error.where), data};
    }
    return {ErrorCode::refused, std::format("{} refused it: {}", error.where, error.name), data};
}

} // namespace tessera::netmgmt
