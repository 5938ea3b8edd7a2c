// SPDX-License-Identifier: BSD-3-Clause
// What processes do with their memory, in VM and in the model.

#include "boot/elf_image.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/protection.h"
#include "tests/unit/vm/modelled_machine.h"
#include <bit>

namespace tessera::tests {

using namespace protocol::vm;

namespace {

constexpr AddressRange anywhere{user_layout::anonymous, user_layout::anonymous_end};
constexpr AddressRange mappable{boot::ElfImage::lowest, user_layout::anonymous_end};

std::optional<AddressRange> mappable_range(VirtualAddress address, std::uint64_t bytes) {
    const auto range = vm::page_range(address, bytes, mappable.end);
    return range && mappable.contains(*range) && !range->empty() ? range : std::nullopt;
}

bool writable_and_executable(Protection protection) {
    return includes(protection, Protection::write | Protection::execute);
}
bool unknown(Protection protection) {
    return !includes(Protection::read | Protection::write | Protection::execute, protection);
}
PageAccess access_of(Protection protection) { return vm::access_of(protection).value_or(PageAccess::none); }

bool is_fixed(const ModelPage& page) { return page.fixed(); }

} // namespace

Verdict ModelledMachine::judge_map(const SpaceModel& space, const Map::Request& request) const {
    Verdict verdict;
    const bool exactly = request.placement == MapPlacement::exactly;
    const auto range = mappable_range(request.address, request.bytes);
    const bool inaccessible = request.protection == Protection::none && request.sharing == MapSharing::own;
    verdict.error_if(request.bytes == 0 || request.bytes > mappable.bytes(), Status::invalid)
        .error_if(unknown(request.protection), Status::invalid)
        .error_if(writable_and_executable(request.protection), Status::access_denied)
        .error_if(exactly && (!range || space.any_of(*range, is_fixed)), Status::invalid)
        .error_if(!inaccessible && pages_for(request.bytes) > space.left(), Status::out_of_memory)
        .error_if(!exactly && !(range && space.free(*range)) && !space.gap(pages_for(request.bytes), anywhere),
                  Status::out_of_memory);
    return verdict;
}

void ModelledMachine::map(Endpoint process, const Map::Request& request) {
    SpaceModel& space = space_of(process);
    const Verdict verdict = judge_map(space, request);
    const auto reply = call<Map>(request, process);
    if (verdict.judge("map", reply.status())) {
        const std::uint64_t pages = pages_for(request.bytes);
        const auto wanted = mappable_range(request.address, request.bytes);
        const bool there = wanted && (request.placement == MapPlacement::exactly || space.free(*wanted));
        const AddressRange range = there ? *wanted : space.gap(pages, anywhere).value();
        if (reply->address != range.start) throw Disagreement("map chooses another place");
        ModelPage page{.access = access_of(request.protection)};
        if (request.sharing == MapSharing::shared) {
            page.kind = RegionKind::shared;
            page.object = std::make_shared<ModelObject>(process, pages, space.account());
            shared_.push_back(page.object);
        }
        space.remove(range);
        space.put(range, page);
    }
    compare(process);
}

void ModelledMachine::unmap(Endpoint process, VirtualAddress address, std::uint64_t bytes) {
    SpaceModel& space = space_of(process);
    const auto range = vm::page_range(address, bytes, user_layout::end);
    Verdict verdict;
    verdict.error_if(!range || range->empty() || space.any_of(*range, is_fixed), Status::invalid);
    if (verdict.judge("unmap", call<Unmap>({address, bytes}, process).status())) space.remove(*range);
    compare(process);
}

void ModelledMachine::protect(Endpoint process, const Protect::Request& request) {
    SpaceModel& space = space_of(process);
    const auto range = vm::page_range(request.address, request.bytes, user_layout::end);
    const PageAccess access = access_of(request.protection);
    Verdict verdict;
    verdict.error_if(!range || unknown(request.protection), Status::invalid)
        .error_if(writable_and_executable(request.protection), Status::access_denied)
        .error_if(range && !space.filled(*range), Status::out_of_memory)
        .error_if(range && space.any_of(*range, [](const ModelPage& page) { return !page.protectable(); }),
                  Status::access_denied)
        .error_if(range &&
                      space.any_of(*range,
                                   [&](const ModelPage& page) { return page.most && !vm::within(access, *page.most); }),
                  Status::access_denied);
    if (verdict.judge("protect", call<Protect>(request, process).status())) space.protect(*range, access);
    compare(process);
}

void ModelledMachine::move_break(Endpoint process, VirtualAddress end) {
    SpaceModel& space = space_of(process);
    const VirtualAddress top = end.page_up();
    const VirtualAddress old_top = space.heap_end.page_up();
    const bool has_heap = space.heap_start != VirtualAddress{};
    Verdict verdict;
    if (end != VirtualAddress{}) {
        verdict.error_if(end < space.heap_start, Status::invalid)
            .error_if(!has_heap || end > user_layout::anonymous, Status::out_of_memory);
        if (has_heap && top > old_top && end <= user_layout::anonymous)
            verdict.error_if((top - old_top) / page_bytes > space.left() || !space.free({old_top, top}),
                             Status::out_of_memory);
    }
    const auto reply = call<Break>({end}, process);
    if (verdict.judge("break", reply.status()) && end != VirtualAddress{}) {
        if (top > old_top) space.put({old_top, top}, {.kind = RegionKind::heap, .access = PageAccess::read_write});
        if (top < old_top) space.remove({top, old_top});
        space.heap_end = end;
    }
    if (reply.has_value() && reply->end != space.heap_end) throw Disagreement("the heap ends elsewhere");
    compare(process);
}

void ModelledMachine::put_buffer(SpaceModel& space, AddressRange range, PhysicalAddress base) {
    space.put(range, {.kind = RegionKind::contiguous,
                      .access = PageAccess::read_write,
                      .object = std::make_shared<ModelObject>(space.owner())});
    for (std::uint64_t offset = 0; offset < range.bytes(); offset += page_bytes)
        space.enter(range.start + offset, std::make_shared<ModelFrame>(0, 0, base + offset));
}

void ModelledMachine::map_contiguous(Endpoint process, const ContiguousMap::Request& request) {
    SpaceModel& space = space_of(process);
    const std::uint64_t pages = pages_for(request.bytes);
    const auto range = request.bytes <= anywhere.bytes() ? space.gap(pages, anywhere) : std::nullopt;
    const PhysicalAddress limit = request.limit == PhysicalAddress{} ? PhysicalAddress{1ull << 32} : request.limit;
    const std::uint64_t alignment = std::max(request.alignment, page_bytes);
    const auto fits = [&](PhysicalAddress base) {
        return base.value % alignment == 0 && base + pages * page_bytes <= limit;
    };
    const auto [first, last] = left_buffers_.equal_range(pages);
    const bool comes_back = std::any_of(first, last, [&](const auto& left) { return fits(left.second); });
    Verdict verdict;
    verdict.error_if(request.bytes == 0 || !range, Status::invalid)
        .error_if(request.alignment != 0 && !std::has_single_bit(request.alignment), Status::invalid)
        .error_if(kinds_[process] != Kind::driver, Status::not_permitted)
        .error_if(range && space.cost(*range) > space.left(), Status::out_of_memory)
        .error_if(limit < PhysicalAddress{pages * page_bytes}, Status::out_of_memory);
    const auto reply = call<ContiguousMap>(request, process);
    if (verdict.judge("contiguous_map", reply.status())) {
        const auto left = std::find_if(first, last, [&](const auto& each) { return each.second == reply->physical; });
        if (reply->address != range->start || !fits(reply->physical) || (comes_back && left == last))
            throw Disagreement("contiguous_map gives another block");
        if (left != last) left_buffers_.erase(left);
        put_buffer(space, *range, reply->physical);
    }
    compare(process);
}

void ModelledMachine::remap(Endpoint process, const Remap::Request& request) {
    const SpaceModel& own = space_of(process);
    const bool known = has(request.destination);
    const auto awaited = machine_.kernel.awaiting.find(request.destination);
    const bool waits = awaited != machine_.kernel.awaiting.end() && awaited->second == process;
    const auto source = vm::page_range(request.source, request.bytes, user_layout::end);
    const ModelPage* first = source ? own.find(source->start) : nullptr;
    const auto run = first != nullptr && first->kind == RegionKind::shared ? own.run_at(source->start) : std::nullopt;
    const PageAccess access = access_of(request.protection);
    Verdict verdict;
    verdict.error_if(!known, Status::no_such)
        .error_if(request.destination != process && !waits, Status::not_permitted)
        .error_if(!source || source->empty() || unknown(request.protection), Status::invalid)
        .error_if(writable_and_executable(request.protection), Status::access_denied)
        .error_if(source && (!run || !run->contains(*source)), Status::bad_address)
        .error_if(first != nullptr && !vm::within(access, first->access), Status::access_denied);
    std::optional<AddressRange> range;
    if (known && source) {
        const SpaceModel& target = space_of(request.destination);
        range = request.address == VirtualAddress{} ? target.gap(source->pages(), anywhere)
                                                    : mappable_range(request.address, request.bytes);
        verdict.error_if(!range || !target.free(*range), Status::invalid);
    }
    const auto reply = call<Remap>(request, process);
    if (verdict.judge("remap", reply.status())) {
        if (reply->address != range->start) throw Disagreement("remap chooses another place");
        space_of(request.destination)
            .put(*range, {.kind = RegionKind::shared,
                          .access = access,
                          .most = access,
                          .object = first->object,
                          .index = first->index});
        compare(request.destination);
    }
    compare(process);
}

void ModelledMachine::unmap_shared(Endpoint process, const SharedUnmap::Request& request) {
    const bool known = has(request.process);
    const auto awaited = machine_.kernel.awaiting.find(request.process);
    const bool waits = awaited != machine_.kernel.awaiting.end() && awaited->second == process;
    const ModelPage* page = known ? space_of(request.process).find(request.address) : nullptr;
    const bool its_own = page != nullptr && page->kind == RegionKind::shared && page->object->maker == process;
    const auto run = its_own ? space_of(request.process).run_at(request.address) : std::nullopt;
    Verdict verdict;
    verdict.error_if(!known, Status::no_such)
        .error_if(known && request.process != process && !waits, Status::not_permitted)
        .error_if(known && (!run || run->start != request.address), Status::bad_address);
    if (verdict.judge("shared_unmap", call<SharedUnmap>(request, process).status()))
        space_of(request.process).remove(*run);
    if (known) compare(request.process);
}

void ModelledMachine::status_of_shared(Endpoint process, VirtualAddress address) {
    const ModelPage* page = space_of(process).find(address);
    const bool is_shared = page != nullptr && page->kind == RegionKind::shared;
    Verdict verdict;
    verdict.error_if(!is_shared, Status::bad_address);
    const auto reply = call<SharedStatus>({address}, process);
    if (!verdict.judge("shared_status", reply.status())) return;
    if (page->object->identity == 0) page->object->identity = reply->identity;
    const bool right = reply->identity == page->object->identity && reply->pages == page->object->frames.size() &&
                       reply->offset == page->index * page_bytes + address.page_offset() &&
                       reply->mappings == mappings_of(*page->object);
    if (!right) throw Disagreement("shared_status tells something else");
}

void ModelledMachine::access(Endpoint process, VirtualAddress address, vm::Access access, std::uint64_t value) {
    SpaceModel& space = space_of(process);
    Status status = Status::ok;
    if (!permits(machine_.translate(process, address).access(), access)) { // as the processor does
        const FaultMessage fault{.address = address.value, .access = static_cast<std::uint64_t>(access)};
        machine_.checked_service.kernel_message(
            {.source = process, .kind = MessageKind::fault, .message = pack(fault)});
        status = machine_.kernel.answers.back().status;
        machine_.kernel.answers.clear();
    }
    const Status expected = space.touch(address, access);
    Verdict verdict;
    verdict.error_if(expected != Status::ok, expected);
    if (verdict.judge("a fault", status)) {
        if (!permits(machine_.translate(process, address).access(), access)) throw Disagreement("it faults again");
        translations_.use(process, address.page());
        ModelFrame& frame = *space.find(address)->frame;
        const bool in_first = address.page_offset() < page_bytes / 2;
        if (access == vm::Access::write) {
            std::byte* word = machine_.memory_of(process, address.page() + (in_first ? 0 : page_bytes - 8));
            std::memcpy(word, &value, sizeof(value));
            (in_first ? frame.first_word : frame.last_word) = value;
        }
    }
    compare(process);
}

void ModelledMachine::request(Endpoint process, AddressRange bytes, vm::Access access) {
    SpaceModel& space = space_of(process);
    const MemoryRequest request{.process = process.value(),
                                .address = bytes.start.value,
                                .bytes = bytes.bytes(),
                                .access = static_cast<std::uint64_t>(access)};
    machine_.checked_service.kernel_message(
        {.source = process, .kind = MessageKind::memory_request, .message = pack(request)});
    const Status status = machine_.kernel.answers.back().status;
    machine_.kernel.answers.clear();
    Status expected = bytes.bytes() == 0 || bytes.end > user_layout::end ? Status::bad_address : Status::ok;
    for (VirtualAddress page = bytes.start.page(); expected == Status::ok && page < bytes.end; page = page + page_bytes)
        expected = space.touch(page, access);
    Verdict verdict;
    verdict.error_if(expected != Status::ok, expected);
    verdict.judge("a request", status);
    compare(process);
}

} // namespace tessera::tests
