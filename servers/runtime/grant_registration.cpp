// SPDX-License-Identifier: BSD-3-Clause
// The one place where a grant table meets the kernel; host tests bring another.

#include "kernel/abi/calls/grants.h"
#include "servers/runtime/grants.h"
#include "servers/runtime/kernel.h"

namespace tessera::runtime {

Completion register_with_kernel(std::span<GrantEntry> table) {
    TESSERA_TRY(kernel_call<kernel_calls::GrantTableSet>(
        {.address = {reinterpret_cast<std::uint64_t>(table.data())}, .entries = table.size()}));
    return Done{};
}

} // namespace tessera::runtime
