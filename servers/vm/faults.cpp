// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/faults.h"
#include "kernel/abi/user_layout.h"

namespace tessera::vm {
namespace {

Access access_of(std::uint64_t bits) {
    if ((bits & static_cast<std::uint64_t>(FaultAccess::execute)) != 0) return Access::execute;
    return (bits & static_cast<std::uint64_t>(FaultAccess::write)) != 0 ? Access::write : Access::read;
}

CountedEvent event_of(Resolution resolution) {
    switch (resolution) {
    case Resolution::supplied:
        return CountedEvent::pages_supplied;
    case Resolution::copied:
        return CountedEvent::pages_copied;
    case Resolution::made_writable:
        return CountedEvent::pages_made_writable;
    case Resolution::was_there:
        break;
    }
    return CountedEvent::pages_there;
}

} // namespace

void Faults::handle(Endpoint process, const FaultMessage& fault) {
    counters_.count(CountedEvent::faults);
    const VirtualAddress address{fault.address};
    const auto result = resolve(process, address, 1, access_of(fault.access));
    kernel_.fault_resolve(process,
                          result.has_value() ? check_progress(process, address, *result).status() : result.error());
}

void Faults::handle(Endpoint waiter, const MemoryRequest& request) {
    counters_.count(CountedEvent::requests);
    const auto process = Endpoint::from_value(static_cast<std::uint32_t>(request.process));
    const VirtualAddress address{request.address};
    const auto result = resolve(process, address, request.bytes, access_of(request.access));
    kernel_.fault_resolve(waiter,
                          result.has_value() ? check_progress(process, address, *result).status() : result.error());
}

// Every page of the bytes, over as many regions as they touch.
Result<Resolution> Faults::resolve(Endpoint process, VirtualAddress address, std::uint64_t bytes, Access access) {
    Space* space = spaces_.space(process);
    if (space == nullptr || bytes == 0 || address >= user_layout::end || bytes > user_layout::end - address) {
        counters_.count(CountedEvent::refused_no_region);
        return Status::bad_address;
    }
    const VirtualAddress end = (address + bytes).page_up();
    std::uint64_t supplied = 0; // or copied, or made writable
    for (VirtualAddress page = address.page(); page < end && supplied < pages_at_once; page = page + page_bytes)
        if (TESSERA_TRY(resolve_page(*space, page, access)) != Resolution::was_there) ++supplied;
    return supplied > 0 ? Resolution::supplied : Resolution::was_there;
}

Result<Resolution> Faults::resolve_page(Space& space, VirtualAddress page, Access access) {
    const auto result = space.resolve(page, access);
    if (result.has_value())
        counters_.count(event_of(*result));
    else if (result.error() != Status::bad_address)
        counters_.count(CountedEvent::refused_no_memory);
    else if (space.regions().containing(page) == nullptr)
        counters_.count(CountedEvent::refused_no_region);
    else
        counters_.count(CountedEvent::refused_access);
    return result;
}

Completion Faults::check_progress(Endpoint process, VirtualAddress address, Resolution resolution) {
    const bool progress = resolution != Resolution::was_there;
    if (progress || process != idle_process_ || address != idle_address_) idle_count_ = 0;
    if (progress) return Done{};
    idle_process_ = process;
    idle_address_ = address;
    kernel_.space_flush(process);
    if (++idle_count_ <= idle_limit) return Done{};
    counters_.count(CountedEvent::refused_endless);
    kernel_.log(LogLevel::error, "an access that is allowed faults without end");
    return Status::bad_address;
}

} // namespace tessera::vm
