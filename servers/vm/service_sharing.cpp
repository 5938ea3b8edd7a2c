// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/placement.h"
#include "servers/vm/protection.h"
#include "servers/vm/service.h"
#include <bit>

namespace tessera::vm {

using namespace protocol::vm;

namespace {

const Region* shared_region(const Space& space, VirtualAddress address) {
    const Region* region = space.regions().containing(address);
    return region != nullptr && region->object != nullptr ? region : nullptr;
}

// Where a mapping of these bytes goes: at the address, if one is said and nothing is there, or anywhere. invalid,
// out_of_memory.
Result<AddressRange> destination(const Space& space, VirtualAddress address, std::uint64_t bytes) {
    if (address == VirtualAddress{}) return free_range(space, bytes);
    const AddressRange range = TESSERA_TRY(mappable_range(address, bytes));
    if (!space.regions().free(range)) return Status::invalid;
    return range;
}

} // namespace

// The space of the caller, or of a process that is in the caller's hands: it waits for the caller's answer.
Result<Space*> Service::reachable(Endpoint process, Endpoint caller) {
    Space* space = spaces_.space(process);
    if (space == nullptr) return Status::no_such;
    if (process != caller && !environment_.kernel.awaits_answer(process, caller)) return Status::not_permitted;
    return space;
}

Service::Outcome<Remap::Reply> Service::handle(Remap, const Remap::Request& request, Endpoint caller) {
    Space* target = TESSERA_TRY(reachable(request.destination, caller));
    const Space* own = spaces_.space(caller);
    if (own == nullptr) return Status::no_such;
    const PageAccess access = TESSERA_TRY(access_of(request.protection));
    const auto source = page_range(request.source, request.bytes, user_layout::end);
    if (!source || source->empty()) return Status::invalid;
    const Region* region = shared_region(*own, source->start);
    if (region == nullptr || !region->range.contains(*source)) return Status::bad_address;
    if (!within(access, region->access)) return Status::access_denied; // more than the caller itself has

    const AddressRange range = TESSERA_TRY(destination(*target, request.address, request.bytes));
    TESSERA_TRY(target->map({.range = range,
                             .access = access,
                             .most = access,
                             .type = region->type,
                             .object = region->object,
                             .offset = region->offset_of(source->start)}));
    return Remap::Reply{range.start};
}

Service::Outcome<protocol::Nothing> Service::handle(SharedUnmap, const SharedUnmap::Request& request, Endpoint caller) {
    Space* target = TESSERA_TRY(reachable(request.process, caller));
    const Region* region = shared_region(*target, request.address);
    if (region == nullptr || region->range.start != request.address || region->object->maker() != caller)
        return Status::bad_address;
    target->remove(*region);
    return protocol::Nothing{};
}

Service::Outcome<SharedStatus::Reply> Service::handle(SharedStatus, const SharedStatus::Request& request,
                                                      Endpoint caller) {
    const Space* space = spaces_.space(caller);
    const Region* region = space == nullptr ? nullptr : shared_region(*space, request.address);
    if (region == nullptr) return Status::bad_address;
    return SharedStatus::Reply{.identity = region->object->identity().value,
                               .offset = region->offset_of(request.address),
                               .mappings = region->object->regions(),
                               .pages = region->object->pages()};
}

Service::Outcome<ContiguousMap::Reply> Service::handle(ContiguousMap, const ContiguousMap::Request& request,
                                                       Endpoint caller) {
    ProcessMemory* memory = spaces_.find(caller);
    if (memory == nullptr || request.bytes == 0 || request.bytes > anywhere.bytes()) return Status::invalid;
    if (request.alignment != 0 && !std::has_single_bit(request.alignment)) return Status::invalid;
    spaces_.refresh_privileges(*memory);
    const Privileges& privileges = memory->privileges;
    const bool has_device = privileges.memory_range_count > 0 || privileges.io_range_count > 0;
    if (privileges.service == service_ids::user || !has_device) return Status::not_permitted;
    const ContiguousRequest block{.pages = pages_for(request.bytes),
                                  .limit = request.limit == PhysicalAddress{} ? ContiguousPool::limit : request.limit,
                                  .alignment = std::max<std::uint64_t>(request.alignment, page_bytes)};
    const Region* region = TESSERA_TRY(spaces_.map_device_buffer(*memory, block, anywhere));
    return ContiguousMap::Reply{.address = region->range.start, .physical = region->backing};
}

} // namespace tessera::vm
