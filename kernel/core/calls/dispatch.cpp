// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/dispatch.h"
#include "kernel/abi/kernel_call_checks.h"
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

namespace {

template <class Call> void perform(Kernel& kernel, Process& caller) {
    const auto request = unpack<typename Call::Request>(caller.context.message);
    const Handled<Call> result = handle(Call{}, kernel, caller, request);
    if (!result.has_value()) {
        if (result.error() == Status::suspended) return;
        ++kernel.counters.failed_calls[kernel_call_number<Call>];
        return caller.finish(result.error());
    }
    // What it found in its registers before the signal stays there.
    if constexpr (std::is_same_v<Call, kernel_calls::SignalReturn>) return;
    if constexpr (!std::is_empty_v<typename Call::Reply>) caller.context.message = pack(*result);
    caller.finish(Status::ok);
}

using Performer = void (*)(Kernel&, Process&);

template <class... Calls> constexpr std::array<Performer, sizeof...(Calls)> performers(TypeList<Calls...>) {
    return {&perform<Calls>...};
}

constexpr auto table = performers(KernelCallTable{});

void refuse(Kernel& kernel, Process& caller, std::uint64_t number) {
    ++kernel.counters.refused_calls;
    constexpr auto primitive = 1u << static_cast<std::uint32_t>(Primitive::kernel_call);
    if ((caller.privileges.primitive_mask & primitive) == 0) return caller.finish(Status::primitive_denied);
    caller.finish(number < table.size() ? Status::call_denied : Status::bad_call);
}

void run(Kernel& kernel, Process& caller, std::uint64_t number) {
    ++kernel.counters.calls[number];
    ++caller.kernel_calls;
    table[number](kernel, caller);
}

// One that is not plainly allowed: refused, or observed.
[[gnu::cold]] void dispatch_closely(Kernel& kernel, Process& caller, std::uint64_t number) {
    const bool allowed = number < table.size() && (caller.allowed_calls() >> number & 1) != 0;
    if (!allowed) return refuse(kernel, caller, number);
    const std::uint64_t first_word = caller.context.message.words[0];
    const Ticks begin = arch::counter();
    run(kernel, caller, number);
    const Ticks ticks{arch::counter().value - begin.value};
    if (caller.needs(Attention::restart_call)) return; // it waits for VM, and is run again
    kernel.observer.kernel_call(caller, number, first_word, ticks);
}

} // namespace

void dispatch(Kernel& kernel, Process& caller) {
    const std::uint64_t number = caller.context.operation >> 8;
    const bool plain = number < table.size() && (caller.callable >> number & 1) != 0;
    if (!plain) [[unlikely]]
        return dispatch_closely(kernel, caller, number);
    run(kernel, caller, number);
}

} // namespace tessera::kernel::calls
