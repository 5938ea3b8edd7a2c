// SPDX-License-Identifier: BSD-3-Clause
// grant.list, grant.get: who lets whom at which memory.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/grant_shapes.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct List : ListParameters {
    std::optional<EndpointNumber> endpoint;
};

struct OneGrant {
    EndpointNumber grantor;
    std::uint32_t grant = 0;
};

} // namespace

template <> struct EnumNames<GrantProblem> {
    static constexpr std::array<std::string_view, 13> names{
        "dead_grantor",     "unused",        "stale",        "other_grantee", "no_rights",
        "out_of_range",     "bad_address",   "unknown_kind", "magic_refused", "dead_owner",
        "owner_is_service", "too_many_hops", "unreadable"};
};

template <> struct Shape<GrantedMemory> {
    using M = GrantedMemory;
    static constexpr std::tuple members{
        member("owner", &M::owner, "endpoint of the process whose memory it is"),
        member("owner_name", &M::owner_name, ""),
        member("address", &M::address, "in the owner's space"),
        member("bytes", &M::bytes, "that all the grants cover"),
        member("rights", &M::rights, "that all the grants give; try_only when one of them has it"),
    };
};

template <> struct Shape<GrantDetail> {
    using G = GrantDetail;
    static constexpr auto members = std::tuple_cat(
        Shape<GrantEntry>::members,
        std::tuple{
            member("chain", &G::chain,
                   "the grants that it leads through: its `previous`, the previous one's, and so on"),
            member("memory", &G::memory, "where it leads; null when it has a problem"),
            member(
                "problem", &G::problem,
                "why every use is refused; of the last grant of the chain, or dead_grantor, unused, stale, unreadable "
                "of the one that this names as `previous`; null when there is none"),
        });
};

template <> struct Shape<List> {
    static constexpr auto members =
        with_list_members(optional_member("endpoint", &List::endpoint, "only grants of this process"));
};

template <> struct Shape<OneGrant> {
    static constexpr std::tuple members{
        member("grantor", &OneGrant::grantor, "endpoint of the process that granted"),
        member("grant", &OneGrant::grant, "its number, as processes pass it about"),
    };
};

namespace {

Outcome<Nothing> list(Call& call, const List& parameters, Range range, Visitor<GrantEntry>& visitor) {
    return listed(call.system.grants.list(parameters.endpoint, range, visitor));
}

Outcome<GrantDetail> get(Call& call, const OneGrant& parameters) {
    return from_system(call.system.grants.get(parameters.grantor, parameters.grant));
}

constexpr ErrorCase no_process{ErrorCode::refused, "ESRCH", "no process has this endpoint, or has it any more"};

constexpr std::array list_errors{no_process};
constexpr std::array get_errors{
    no_process,
    ErrorCase{ErrorCode::refused, "ENOENT", "the process has no such grant, or has it any more"},
};

constexpr std::array table{
    method<&list>({
        .name = "grant.list",
        .summary = "Every grant in force",
        .asks = "kernel",
        .errors = list_errors,
        .example = {R"({"endpoint":4103})",
                    R"({"items":[{"grantor":4103,"grantor_name":"netmgmt","grant":16384,"grantee":4102,)"
                    R"("grantee_name":"e1000","kind":"direct","rights":["read","write"],"source":null,)"
                    R"("source_name":"","previous":null,"address":"0x7f0000200000","bytes":"196864","index":0,)"
                    R"("sequence":1,"uses":"412","soft_faults":"0"}],"next":null})"},
    }),
    method<&get>({
        .name = "grant.get",
        .summary = "One grant, and the memory that it leads to",
        .asks = "kernel",
        .errors = get_errors,
        .example = {R"({"grantor":4100,"grant":16385})",
                    R"({"grantor":4100,"grantor_name":"console","grant":16385,"grantee":4101,)"
                    R"("grantee_name":"e1000","kind":"indirect","rights":["read"],"source":4102,)"
                    R"("source_name":"netmgmt","previous":16384,"address":"0x1000","bytes":"8192","index":1,)"
                    R"("sequence":1,"uses":"3","soft_faults":"0","chain":[{"grantor":4102,)"
                    R"("grantor_name":"netmgmt","grant":16384,"grantee":4100,"grantee_name":"console",)"
                    R"("kind":"direct","rights":["read","write"],"source":null,"source_name":"","previous":null,)"
                    R"("address":"0x200000","bytes":"8192","index":0,"sequence":1,"uses":"5","soft_faults":"0"}],)"
                    R"("memory":{"owner":4102,"owner_name":"netmgmt","address":"0x201000","bytes":"4096",)"
                    R"("rights":["read"]},"problem":null})"},
    }),
};

} // namespace

std::span<const Method> grant_methods() { return table; }

} // namespace tessera::netmgmt
