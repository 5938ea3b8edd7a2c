// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/dispatcher.h"

#include "netmgmt/json/utf8.h"
#include "netmgmt/methods/method_table.h"

#include <format>

namespace tessera::netmgmt {
namespace {

RpcError unknown_method(std::string_view name) {
    return {ErrorCode::unknown_method, std::format("there is no method \"{}\"", clip(name, 64))};
}

RpcError not_allowed(Role role) {
    auto name = EnumNames<Role>::names[static_cast<std::size_t>(role)];
    return {ErrorCode::not_allowed, std::format("this session does not hold the role {}", name), {.role = name}};
}

} // namespace

Outcome<void> Dispatcher::dispatch(std::string_view name, JsonView parameters, Caller& caller, JsonWriter& out) const {
    const Method* method = find_method(table_, name);
    if (method == nullptr) return std::unexpected(unknown_method(name));
    if (!caller.roles.holds(method->text.role)) return std::unexpected(not_allowed(method->text.role));
    Call call{system_, identity_, peers_, table_};
    auto outcome = method->invoke(call, parameters, out);
    if (outcome && call.stop_after_reply) caller.stop_after_reply = call.stop_after_reply;
    return outcome;
}

} // namespace tessera::netmgmt
