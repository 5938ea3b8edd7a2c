// SPDX-License-Identifier: BSD-3-Clause
// rpc.*: the protocol about itself.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"
#include "netmgmt/methods/open_rpc.h"

namespace tessera::netmgmt {
namespace {

Outcome<void> discover(Call& call, JsonView json, JsonWriter& out) {
    auto parameters = read_parameters<Nothing>(json);
    if (!parameters) return std::unexpected(invalid_parameters(parameters.error()));
    write_open_rpc(out, call.identity, call.table);
    return written(out);
}

constexpr Schema open_rpc_document{.kind = SchemaKind::map};

constexpr std::array table{
    Method{
        .text =
            {
                .name = "rpc.discover",
                .summary = "This protocol as an OpenRPC 1.2.6 document",
                .role = Role::none,
                .example = {"{}", R"({"openrpc":"1.2.6","info":{"title":"Tessera","version":"1"},"methods":[]})"},
            },
        .parameters = &SchemaOf<Nothing>::value,
        .result = &open_rpc_document,
        .invoke = &discover,
    },
};

} // namespace

std::span<const Method> rpc_methods() { return table; }

} // namespace tessera::netmgmt
