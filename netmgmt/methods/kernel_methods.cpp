// SPDX-License-Identifier: BSD-3-Clause
// kernel.*: what the kernel counts.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {

template <> struct Shape<KernelCounters> {
    using K = KernelCounters;
    static constexpr std::tuple members{
        member("messages", &K::messages, "delivered"),
        member("notifications", &K::notifications, "delivered"),
        member("kernel_calls", &K::kernel_calls, "made"),
        member("interrupts", &K::interrupts, "of devices"),
        member("spurious_interrupts", &K::spurious_interrupts, ""),
        member("page_faults", &K::page_faults, "handed to VM"),
        member("context_switches", &K::context_switches, "from one process to another"),
        member("address_space_loads", &K::address_space_loads, "times CR3 was loaded"),
        member("address_space_loads_saved", &K::address_space_loads_saved, "switches that needed none"),
        member("safecopies", &K::safecopies, "copies by grant"),
        member("copied_bytes", &K::copied_bytes, "by them"),
        member("copy_faults", &K::copy_faults, "page faults trapped while copying"),
        member("stale_endpoints", &K::stale_endpoints, "messages and calls refused for one"),
        member("refused_calls", &K::refused_calls, "kernel calls refused for want of privilege"),
        member("timestamp_counter", &K::timestamp_counter, "when this was taken"),
        member("calls", &K::calls, "per kernel call, by name: how often it was made"),
    };
};

namespace {

Outcome<KernelCounters> counters(Call& call, const Nothing&) { return from_system(call.system.kernel.counters()); }

constexpr std::array table{
    method<&counters>({
        .name = "kernel.counters",
        .summary = "What the kernel has counted since boot",
        .asks = "kernel",
        .example = {"{}", R"({"messages":"20311","notifications":"4012","kernel_calls":"9121","interrupts":"3310",)"
                          R"("spurious_interrupts":"0","page_faults":"1490","context_switches":"41022",)"
                          R"("address_space_loads":"40100","address_space_loads_saved":"922","safecopies":"3111",)"
                          R"("copied_bytes":"1203114","copy_faults":"2","stale_endpoints":"1","refused_calls":"0",)"
                          R"("timestamp_counter":"5120000000","calls":{"safecopy":"3111","set_alarm":"810"}})"},
    }),
};

} // namespace

std::span<const Method> kernel_methods() { return table; }

} // namespace tessera::netmgmt
