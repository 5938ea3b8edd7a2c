// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/rpc_request.h"

#include "netmgmt/json/utf8.h"
#include "netmgmt/limits.h"

#include <algorithm>
#include <array>
#include <format>

namespace tessera::netmgmt {
namespace {

/// An integer, a string of limited length, or null.
std::optional<RpcError> read_id(JsonView id, std::string& text) {
    if (id.text().value_or("").size() > limits::id_bytes) {
        return limit_exceeded("id_bytes", std::format("an id has at most {} bytes", limits::id_bytes));
    }
    if (!id.text() && !id.is_integer() && !id.is_null()) {
        return invalid_request("id", "id must be an integer, a string or null");
    }
    text = id.json();
    return std::nullopt;
}

std::optional<RpcError> read_method(JsonView json, std::string_view& method) {
    auto version = json.find("jsonrpc");
    if (!version || version->text() != "2.0") return invalid_request("jsonrpc", "jsonrpc must be \"2.0\"");
    auto name = json.find("method");
    if (!name || !name->text()) return invalid_request("method", "method must be a string");
    method = *name->text();
    return std::nullopt;
}

std::optional<RpcError> check_members(JsonView json) {
    constexpr std::array<std::string_view, 4> known{"jsonrpc", "id", "method", "params"};
    for (auto name : json.member_names()) {
        if (std::ranges::find(known, name) == known.end()) {
            return invalid_request(clip(name, 64), std::format("\"{}\" is unknown", clip(name, 64)));
        }
    }
    auto parameters = json.find("params");
    if (parameters && !parameters->is_object() && !parameters->is_array()) {
        return invalid_request("params", "params must be an object");
    }
    return std::nullopt;
}

} // namespace

RpcRequest read_request(JsonView json) {
    RpcRequest request;
    if (!json.is_object()) {
        request.error = invalid_request("", "a request is an object");
        return request;
    }
    auto id = json.find("id");
    if (id) request.error = read_id(*id, request.id);
    if (!request.error) request.error = read_method(json, request.method);
    if (!request.error) request.error = check_members(json);
    // What is no valid request cannot be told to be a notification, and is answered.
    request.is_notification = !id && !request.error;
    if (!request.error) request.parameters = json.find("params").value_or(request.parameters);
    return request;
}

} // namespace tessera::netmgmt
