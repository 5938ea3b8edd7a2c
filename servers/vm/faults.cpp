// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/faults.h"
#include "kernel/abi/user_layout.h"

namespace tessera::vm {
namespace {

Access access_of(std::uint64_t bits) {
    if ((bits & static_cast<std::uint64_t>(FaultAccess::execute)) != 0) return Access::execute;
    return (bits & static_cast<std::uint64_t>(FaultAccess::write)) != 0 ? Access::write : Access::read;
}

} // namespace

void Faults::handle(Endpoint process, const FaultMessage& fault) {
    ++counts_.faults;
    const VirtualAddress address{fault.address};
    const auto result = resolve(process, address, 1, access_of(fault.access));
    answer(process, result.has_value() ? check_progress(process, address, *result).status() : result.error());
}

void Faults::handle(Endpoint waiter, const MemoryRequest& request) {
    ++counts_.requests;
    const auto process = Endpoint::from_value(static_cast<std::uint32_t>(request.process));
    const VirtualAddress address{request.address};
    const auto result = resolve(process, address, request.bytes, access_of(request.access));
    answer(waiter, result.has_value() ? check_progress(process, address, *result).status() : result.error());
}

// Every page of the bytes, over as many regions as they touch.
Result<Resolution> Faults::resolve(Endpoint process, VirtualAddress address, std::uint64_t bytes, Access access) {
    Space* space = spaces_.space(process);
    if (space == nullptr || bytes == 0 || address >= user_layout::end || bytes > user_layout::end - address)
        return Status::bad_address;
    const VirtualAddress end = (address + bytes).page_up();
    std::uint64_t supplied = 0;
    Resolution done = Resolution::was_there;
    for (VirtualAddress page = address.page(); page < end && supplied < pages_at_once; page = page + page_bytes) {
        const Resolution resolution = TESSERA_TRY(space->resolve(page, access));
        if (resolution == Resolution::supplied) ++supplied;
        if (resolution != Resolution::was_there) done = resolution;
    }
    return done;
}

Completion Faults::check_progress(Endpoint process, VirtualAddress address, Resolution resolution) {
    const bool progress = resolution != Resolution::was_there;
    if (progress || process != idle_process_ || address != idle_address_) idle_count_ = 0;
    if (progress) return Done{};
    idle_process_ = process;
    idle_address_ = address;
    kernel_.space_flush(process);
    if (++idle_count_ <= idle_limit) return Done{};
    kernel_.log(LogLevel::error, "an access that is allowed faults without end");
    return Status::bad_address;
}

void Faults::answer(Endpoint process, Status status) {
    ++(status == Status::ok ? counts_.resolved : counts_.refused);
    kernel_.fault_resolve(process, status);
}

} // namespace tessera::vm
