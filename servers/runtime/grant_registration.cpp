// SPDX-License-Identifier: BSD-3-Clause
// The one place where a grant table meets the kernel and VM; host tests bring others.

#include "kernel/abi/calls/grants.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/grants.h"
#include "servers/runtime/log.h"

namespace tessera::runtime {

Completion register_with_kernel(std::span<GrantEntry> table) {
    TESSERA_TRY(kernel_call<kernel_calls::GrantTableSet>(
        {.address = {reinterpret_cast<std::uint64_t>(table.data())}, .entries = table.size()}));
    return Done{};
}

void end_maps_by_vm(GrantId grant) {
    using namespace protocol::vm;
    if (!call<VmProtocol, Saferevoke>(endpoints::vm, {.grant = grant}).has_value())
        log_line(LogLevel::warning, "no memory to end the maps of a grant: they last as long as this process");
}

} // namespace tessera::runtime
