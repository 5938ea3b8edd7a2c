// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/dispatch.h"
#include "kernel/core/calls/handlers.h"

namespace tessera::kernel::calls {

namespace {

template <class Call> void perform(Kernel& kernel, Process& caller) {
    const auto request = unpack<typename Call::Request>(caller.context.message);
    const Handled<Call> result = handle(Call{}, kernel, caller, request);
    if (!result.has_value()) {
        if (result.error() == Status::suspended) return kernel.scheduler.update(caller);
        return caller.finish(result.error());
    }
    caller.context.message = pack(*result);
    caller.finish(Status::ok);
}

using Performer = void (*)(Kernel&, Process&);

template <class... Calls> constexpr std::array<Performer, sizeof...(Calls)> performers(TypeList<Calls...>) {
    return {&perform<Calls>...};
}

constexpr auto table = performers(KernelCallTable{});

} // namespace

void dispatch(Kernel& kernel, Process& caller) {
    const std::uint64_t number = caller.context.operation >> 8;
    if (number >= table.size()) {
        ++kernel.counters.refused_calls;
        return caller.finish(Status::bad_call);
    }
    if ((caller.privileges.kernel_call_mask >> number & 1) == 0) {
        ++kernel.counters.refused_calls;
        return caller.finish(Status::call_denied);
    }
    ++kernel.counters.calls[number];
    table[number](kernel, caller);
}

} // namespace tessera::kernel::calls
