// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/grant_maps.h"
#include "netmgmt/guest/each_process.h"
#include "netmgmt/guest/grant_views.h"
#include "servers/protocols/vm.h"
#include "servers/protocols/vm_grants.h"
#include "servers/runtime/client.h"

namespace tessera::netmgmt::guest {

namespace {

using namespace protocol::vm;

class VmSafemaps final : public Safemaps {
public:
    Result<SafemapNext::Reply> next(const SafemapNext::Request& request) override {
        return runtime::call<VmProtocol, SafemapNext>(endpoints::vm, request);
    }
    Result<SafemapHop::Reply> hop(const SafemapHop::Request& request) override {
        return runtime::call<VmProtocol, SafemapHop>(endpoints::vm, request);
    }
};

} // namespace

ListResult GuestGrants::maps(std::optional<EndpointNumber> grantee, Range range, Visitor<GrantMap>& visitor) {
    VmSafemaps safemaps;
    ProcessNames names;
    const NameOf name_of = [&](Endpoint endpoint) { return names.of(endpoint); };
    const auto visit = [&](const ProcessInformation& process, std::uint64_t from) -> SystemResult<Visit> {
        const auto visited = visit_maps(process.endpoint, {from}, safemaps, name_of, visitor);
        if (!visited.has_value()) return refusal(visited.error(), "vm");
        return *visited;
    };
    return each_process(grantee, slot_at(range.from), address_at(range.from).value, visit);
}

} // namespace tessera::netmgmt::guest
