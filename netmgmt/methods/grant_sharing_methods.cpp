// SPDX-License-Identifier: BSD-3-Clause
// grant.maps, grant.graph: memory that is shared by grants, and who shares it with whom.

#include "netmgmt/decode/grant_graph.h"
#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/grant_shapes.h"
#include "netmgmt/methods/method_table.h"

#include <limits>

namespace tessera::netmgmt {
namespace {

struct Maps : ListParameters {
    std::optional<EndpointNumber> endpoint;
};

} // namespace

template <> struct EnumNames<MapProtection> {
    static constexpr std::array<std::string_view, 3> names{"read", "write", "execute"};
};

template <> struct Shape<GrantHop> {
    static constexpr std::tuple members{
        member("grantor", &GrantHop::grantor, ""),
        member("grantor_name", &GrantHop::grantor_name, ""),
        member("grant", &GrantHop::grant, "its number"),
    };
};

template <> struct Shape<GrantMap> {
    using M = GrantMap;
    static constexpr std::tuple members{
        member("grantee", &M::grantee, "endpoint of the process that mapped the memory"),
        member("grantee_name", &M::grantee_name, ""),
        member("address", &M::address, "in the grantee's space"),
        member("bytes", &M::bytes, ""),
        member("protection", &M::protection, "of the map"),
        member("owner", &M::owner, "endpoint of the process whose memory it is"),
        member("owner_name", &M::owner_name, ""),
        member("source", &M::source, "in the owner's space"),
        member("grantor", &M::grantor, "endpoint of the process whose grant the grantee used"),
        member("grantor_name", &M::grantor_name, ""),
        member("grant", &M::grant, "its number"),
        member("hops", &M::hops,
               "the grants on the way to the owner, the one that was used first; a later one may "
               "have ended meanwhile"),
    };
};

template <> struct Shape<GrantNode> {
    static constexpr std::tuple members{
        member("endpoint", &GrantNode::endpoint, "of a process, or \"any\""),
        member("name", &GrantNode::name, ""),
    };
};

template <> struct Shape<GrantEdge> {
    using E = GrantEdge;
    static constexpr std::tuple members{
        member("grantor", &E::grantor, "endpoint where the edge begins"),
        member("grantee", &E::grantee, "endpoint, or \"any\", where it ends"),
        member("kind", &E::kind, "as in grant.list; each kind has edges of its own"),
        member("source", &E::source, "as in grant.list; each source has edges of its own"),
        member("grants", &E::grants, "so many make the edge"),
        member("bytes", &E::bytes, "of all of them; the same memory may be granted twice"),
        member("rights", &E::rights, "that at least one of them gives"),
        member("uses", &E::uses, "of all of them"),
    };
};

template <> struct Shape<MapEdge> {
    using E = MapEdge;
    static constexpr std::tuple members{
        member("owner", &E::owner, "endpoint where the edge begins"),
        member("grantee", &E::grantee, "endpoint where it ends"),
        member("maps", &E::maps, "so many make the edge"),
        member("bytes", &E::bytes, "of all of them"),
        member("protection", &E::protection, "that at least one of them has"),
    };
};

template <> struct Shape<GrantGraph> {
    using G = GrantGraph;
    static constexpr std::tuple members{
        member("nodes", &G::nodes, "that an edge names"),
        member("grants", &G::grants, "edges"),
        member("maps", &G::maps, "edges"),
        member("left_out", &G::left_out, "grants and maps of further edges, for which there was no room"),
    };
};

template <> struct Shape<Maps> {
    static constexpr auto members =
        with_list_members(optional_member("endpoint", &Maps::endpoint, "only maps in this process"));
};

namespace {

constexpr Range all_of_them{{}, std::numeric_limits<std::uint32_t>::max()};

/// Gives each entry of a list to the graph.
template <class Entry> class Adder final : public Visitor<Entry> {
public:
    explicit Adder(GrantGraphMaker& maker) : maker_(maker) {}

    Visit visit(Position, const Entry& entry) override {
        maker_.add(entry);
        return Visit::next;
    }

private:
    GrantGraphMaker& maker_;
};

Outcome<Nothing> maps(Call& call, const Maps& parameters, Range range, Visitor<GrantMap>& visitor) {
    return listed(call.system.grants.maps(parameters.endpoint, range, visitor));
}

Outcome<GrantGraph> graph(Call& call, const Nothing&) {
    GrantGraphMaker maker;
    Adder<GrantEntry> grants(maker);
    Adder<GrantMap> mapped(maker);
    auto result = call.system.grants.list({}, all_of_them, grants);
    if (result) result = call.system.grants.maps({}, all_of_them, mapped);
    if (!result) return std::unexpected(from_system(result.error()));
    return maker.graph();
}

constexpr std::array maps_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "no process has this endpoint, or has it any more"},
};

constexpr std::array table{
    method<&maps>({
        .name = "grant.maps",
        .summary = "Every map of granted memory, with both its ends",
        .asks = "vm",
        .errors = maps_errors,
        .example = {R"({"endpoint":4101})",
                    R"({"items":[{"grantee":4101,"grantee_name":"e1000","address":"0x1000000000","bytes":"4096",)"
                    R"("protection":["read"],"owner":4102,"owner_name":"netmgmt","source":"0x201000",)"
                    R"("grantor":4100,"grantor_name":"console","grant":16385,"hops":[{"grantor":4100,)"
                    R"("grantor_name":"console","grant":16385},{"grantor":4102,"grantor_name":"netmgmt",)"
                    R"("grant":16384}]}],"next":null})"},
    }),
    method<&graph>({
        .name = "grant.graph",
        .summary = "Who shares what with whom: grants and maps, added up from process to process",
        .asks = "vm",
        .example = {"{}", R"({"nodes":[{"endpoint":4100,"name":"console"},{"endpoint":4101,"name":"e1000"},)"
                          R"({"endpoint":4102,"name":"netmgmt"}],"grants":[{"grantor":4100,"grantee":4101,)"
                          R"("kind":"indirect","source":4102,"grants":1,"bytes":"8192","rights":["read"],)"
                          R"("uses":"3"},{"grantor":4102,"grantee":4100,"kind":"direct","source":null,"grants":1,)"
                          R"("bytes":"8192","rights":["read","write"],"uses":"5"}],"maps":[{"owner":4102,)"
                          R"("grantee":4101,"maps":1,"bytes":"4096","protection":["read"]}],"left_out":0})"},
    }),
};

} // namespace

std::span<const Method> grant_sharing_methods() { return table; }

} // namespace tessera::netmgmt
