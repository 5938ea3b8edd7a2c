// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The kernel's trace entries in words: names from the table of kernel calls and the protocols' lists of operations.

#include "netmgmt/decode/name_of.h"
#include "netmgmt/view/kernel_view.h"
#include "netmgmt/view/trace_view.h"

#include <string_view>

namespace tessera::netmgmt {

/// What turns ticks into time.
struct TimeScale {
    tessera::Ticks at_entry;
    std::uint64_t ticks_per_second = 1;

    [[nodiscard]] Nanoseconds since_boot(tessera::Ticks ticks) const;
};

/// `number` of a kernel call, "" for none.
[[nodiscard]] std::string_view kernel_call_name(std::uint64_t number);

/// "ds.publish_u32" for the first word of a request to the server `to`; "" when it is none that the server knows.
[[nodiscard]] std::string operation_name(std::string_view to, std::uint64_t word);

/// The members of an entry that the times of its call decide.
[[nodiscard]] KernelCallEntry with_times(const KernelCallTimes& times);

[[nodiscard]] TraceEntry decoded(const tessera::TraceEntry& raw, const TimeScale& scale, const NameOf& name_of);

} // namespace tessera::netmgmt
