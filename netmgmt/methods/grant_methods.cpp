// SPDX-License-Identifier: BSD-3-Clause
// grant.*: who lets whom at which memory.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct List : ListParameters {
    std::optional<EndpointNumber> endpoint;
};

} // namespace

template <> struct EnumNames<GrantKind> {
    static constexpr std::array<std::string_view, 1> names{"direct"};
};

template <> struct EnumNames<GrantRight> {
    static constexpr std::array<std::string_view, 3> names{"read", "write", "map"};
};

template <> struct EnumNames<AnyGrantee> {
    static constexpr std::array<std::string_view, 1> names{"any"};
};

template <> struct SchemaOf<AnyGrantee> {
    static constexpr Schema value{.kind = SchemaKind::enumeration, .names = EnumNames<AnyGrantee>::names};
};

void write_value(JsonWriter& out, AnyGrantee) { out.text(EnumNames<AnyGrantee>::names.front()); }

template <> struct Shape<GrantEntry> {
    using G = GrantEntry;
    static constexpr std::tuple members{
        member("grantor", &G::grantor, "endpoint of the process whose memory it is"),
        member("grantor_name", &G::grantor_name, ""),
        member("grant", &G::grant, "its number, as processes pass it about"),
        member("grantee", &G::grantee, "endpoint of the process that may use it, or \"any\""),
        member("grantee_name", &G::grantee_name, ""),
        member("kind", &G::kind, ""),
        member("rights", &G::rights, ""),
        member("address", &G::address, "in the grantor's space"),
        member("bytes", &G::bytes, ""),
        member("index", &G::index, "in the grantor's table"),
        member("sequence", &G::sequence, "how often the index was used; a stale number is refused"),
    };
};

template <> struct Shape<List> {
    static constexpr auto members =
        with_list_members(optional_member("endpoint", &List::endpoint, "only grants of this process"));
};

namespace {

Outcome<Nothing> list(Call& call, const List& parameters, Range range, Visitor<GrantEntry>& visitor) {
    return listed(call.system.grants.list(parameters.endpoint, range, visitor));
}

constexpr std::array list_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "no process has this endpoint, or has it any more"},
};

constexpr std::array table{
    method<&list>({
        .name = "grant.list",
        .summary = "Every grant in force",
        .asks = "kernel",
        .errors = list_errors,
        .example = {R"({"endpoint":4103})",
                    R"({"items":[{"grantor":4103,"grantor_name":"netmgmt","grant":65536,"grantee":4102,)"
                    R"("grantee_name":"e1000","kind":"direct","rights":["read","write"],"address":"0x7f0000200000",)"
                    R"("bytes":"196864","index":0,"sequence":1}],"next":null})"},
    }),
};

} // namespace

std::span<const Method> grant_methods() { return table; }

} // namespace tessera::netmgmt
