// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/assistant_memory.h"
#include "kernel/abi/calls/grants.h"
#include "servers/runtime/client.h"
#include "servers/runtime/given_grant.h"
#include "tests/target/page_pattern.h"
#include <algorithm>

namespace tessera::target {

using protocol::vm::VmProtocol;

AssistantMemory::Outcome<MapGrant> AssistantMemory::handle(MapGrant, const MapGrant::Request& request, Endpoint) {
    const auto mapped =
        runtime::call<VmProtocol, protocol::vm::Safemap>(endpoints::vm, {.grantor = request.grantor,
                                                                         .grant = request.grant,
                                                                         .offset = request.offset,
                                                                         .address = request.address,
                                                                         .bytes = request.bytes,
                                                                         .protection = request.protection});
    return MapGrant::Reply{mapped.status(), mapped.has_value() ? mapped->address : VirtualAddress{}};
}

AssistantMemory::Outcome<UnmapGrant> AssistantMemory::handle(UnmapGrant, const UnmapGrant::Request& request, Endpoint) {
    if (request.how == Unmapping::safeunmap)
        return UnmapGrant::Reply{
            runtime::call<VmProtocol, protocol::vm::Safeunmap>(endpoints::vm, {request.address}).status()};
    return UnmapGrant::Reply{
        runtime::call<VmProtocol, protocol::vm::Unmap>(endpoints::vm, {request.address, request.bytes}).status()};
}

AssistantMemory::Outcome<AccessWord> AssistantMemory::handle(AccessWord, const AccessWord::Request& request, Endpoint) {
    auto* const word = reinterpret_cast<volatile std::uint64_t*>(request.address.value);
    if (request.how == AccessWord::How::write) *word = request.value;
    return AccessWord::Reply{*word};
}

AssistantMemory::Outcome<PassOn> AssistantMemory::handle(PassOn, const PassOn::Request& request, Endpoint) {
    if (request.grantor == endpoints::none)
        return keep(table_.direct(request.grantee, request.rights,
                                  std::span(reinterpret_cast<std::byte*>(request.offset), request.bytes)));
    return keep(table_.indirect(request.grantee, request.rights,
                                {request.grantor, request.grant, request.offset, request.bytes}));
}

AssistantMemory::Outcome<GrantMagic> AssistantMemory::handle(GrantMagic, const GrantMagic::Request& request, Endpoint) {
    return keep(table_.magic(request.grantee, request.rights,
                             {.process = request.process, .address = request.address, .bytes = request.bytes}));
}

AssistantMemory::Outcome<PassOn> AssistantMemory::keep(Result<runtime::Grant> grant) {
    if (!grant.has_value()) return grant.error();
    grants_.push_back(*std::move(grant));
    return PassOn::Reply{grants_.back().id()};
}

AssistantMemory::Outcome<DropGrants> AssistantMemory::handle(DropGrants, const Nothing&, Endpoint) {
    grants_.clear();
    return Nothing{};
}

AssistantMemory::Outcome<MapMemory> AssistantMemory::handle(MapMemory, const MapMemory::Request& request, Endpoint) {
    using namespace protocol::vm;
    const bool anywhere = request.address == VirtualAddress{};
    const auto mapped = TESSERA_TRY((runtime::call<VmProtocol, Map>(
        endpoints::vm, {.address = request.address,
                        .bytes = request.bytes,
                        .protection = Protection::read | Protection::write,
                        .placement = anywhere ? MapPlacement::anywhere : MapPlacement::exactly})));
    return MapMemory::Reply{mapped.address};
}

AssistantMemory::Outcome<FillPages> AssistantMemory::handle(FillPages, const FillPages::Request& request, Endpoint) {
    fill_pages({reinterpret_cast<std::uint64_t*>(request.address.value), request.pages * page_words}, request.first);
    return Nothing{};
}

AssistantMemory::Outcome<ComparePages> AssistantMemory::handle(ComparePages, const ComparePages::Request& request,
                                                               Endpoint) {
    const std::span memory(reinterpret_cast<const std::uint64_t*>(request.address.value), request.pages * page_words);
    return ComparePages::Reply{different_pages(memory, request.first, request.head)};
}

AssistantMemory::Outcome<DropGrant> AssistantMemory::handle(DropGrant, const DropGrant::Request& request, Endpoint) {
    const auto found = std::ranges::find(grants_, request.grant, &runtime::Grant::id);
    if (found == grants_.end()) return Status::no_entry;
    grants_.erase(found);
    return Nothing{};
}

AssistantMemory::Outcome<RevokeMaps> AssistantMemory::handle(RevokeMaps, const RevokeMaps::Request& request, Endpoint) {
    using protocol::vm::Saferevoke;
    const auto revoked = runtime::call<VmProtocol, Saferevoke>(endpoints::vm, {request.grant});
    return RevokeMaps::Reply{revoked.status(), revoked.has_value() ? revoked->ended : 0};
}

AssistantMemory::Outcome<RevokeRange> AssistantMemory::handle(RevokeRange, const RevokeRange::Request& request,
                                                              Endpoint) {
    using protocol::vm::SaferevokeRange;
    const auto revoked =
        runtime::call<VmProtocol, SaferevokeRange>(endpoints::vm, {.address = request.address, .bytes = request.bytes});
    return RevokeMaps::Reply{revoked.status(), revoked.has_value() ? revoked->ended : 0};
}

AssistantMemory::Outcome<CopyGrant> AssistantMemory::handle(CopyGrant, const CopyGrant::Request& request, Endpoint) {
    if (request.by == CopyGrant::By::vm)
        return CopyGrant::Reply{
            runtime::call<VmProtocol, protocol::vm::Safecopy>(endpoints::vm, {.grantor = request.grantor,
                                                                              .grant = request.grant,
                                                                              .offset = request.offset,
                                                                              .address = request.address,
                                                                              .bytes = request.bytes,
                                                                              .direction = request.direction})
                .status()};
    if (request.by == CopyGrant::By::runtime) {
        const runtime::GivenGrant grant(request.grantor, request.grant);
        const std::span memory(reinterpret_cast<std::byte*>(request.address.value), request.bytes);
        return CopyGrant::Reply{request.direction == CopyDirection::from_grant
                                    ? grant.read(request.offset, memory).status()
                                    : grant.write(request.offset, memory).status()};
    }
    const kernel_calls::SafecopyFrom::Request copy{.grantor = request.grantor,
                                                   .grant = request.grant,
                                                   .offset = request.offset,
                                                   .address = request.address,
                                                   .bytes = request.bytes};
    return CopyGrant::Reply{request.direction == CopyDirection::from_grant
                                ? kernel_call<kernel_calls::SafecopyFrom>(copy).status()
                                : kernel_call<kernel_calls::SafecopyTo>(copy).status()};
}

AssistantMemory::Outcome<ReadEnds> AssistantMemory::handle(ReadEnds, const ReadEnds::Request& request, Endpoint) {
    const auto* const words = reinterpret_cast<const volatile std::uint64_t*>(request.page.value);
    return ReadEnds::Reply{.first = words[0], .last = words[page_words - 1]};
}

} // namespace tessera::target
