// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/checked_service.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/kernel_call_table.h"
#include "servers/vm/bugs.h"

namespace tessera::vm {

using namespace protocol::vm;

CheckedService::Outcome<Check::Reply> CheckedService::perform(Check, const Nothing&, Endpoint) {
    const CheckReport report = TESSERA_TRY(checker_.check());
    return Check::Reply{.pages = report.pages,
                        .checks = checker_.checks(),
                        .level = checker_.level(),
                        .problems = report.problems,
                        .kind = report.first.kind,
                        .first_use = report.first.first,
                        .second_use = report.first.second,
                        .owner = report.first.owner,
                        .address = report.first.address};
}

CheckedService::Outcome<SlabStatistics::Reply>
CheckedService::perform(SlabStatistics, const SlabStatistics::Request& request, Endpoint) {
    const SlabCore* slab = checker_.parts().slabs.first_slab();
    for (std::uint32_t i = 0; slab != nullptr && i < request.index; ++i) slab = slab->next_slab();
    if (slab == nullptr) return Status::no_entry;
    SlabStatistics::Reply reply{.object_bytes = static_cast<std::uint32_t>(slab->object_bytes()),
                                .objects = static_cast<std::uint32_t>(slab->objects()),
                                .pages = static_cast<std::uint32_t>(slab->pages()),
                                .objects_per_page = static_cast<std::uint32_t>(slab->objects_per_page())};
    slab->name().copy(reply.name.data(), reply.name.size() - 1);
    return reply;
}

CheckedService::Outcome<protocol::Nothing> CheckedService::perform(SeedBug, const SeedBug::Request& request,
                                                                   Endpoint caller) {
    Space* space = spaces_.space(caller);
    const auto privileges = environment_.kernel.privileges(caller);
    const bool may =
        privileges.has_value() && (privileges->kernel_call_mask & kernel_call_bits<kernel_calls::ProcessInject>) != 0;
    if (checker_.level() < SanityLevel::functions || !may || space == nullptr) return Status::not_permitted;
    return seed(request.bug, environment_, *space, request.page).status();
}

} // namespace tessera::vm
