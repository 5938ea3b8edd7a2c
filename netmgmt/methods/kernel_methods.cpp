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

template <> struct Shape<TimeBucket> {
    static constexpr std::tuple members{
        member("from", &TimeBucket::from, "shortest of the bucket; it ends before twice that"),
        member("runs", &TimeBucket::runs, "that took so long"),
    };
};

template <> struct Shape<KernelCallEntry> {
    using K = KernelCallEntry;
    static constexpr std::tuple members{
        member("name", &K::name, ""),
        member("number", &K::number, ""),
        member("count", &K::count, "runs since boot; a call that had to wait for VM runs again"),
        member("errors", &K::errors, "of them, those that answered an error"),
        member("timed", &K::timed, "runs while call_times were recorded"),
        member("least", &K::least, "time in the handler; null while none was timed"),
        member("median_below", &K::median_below, "half of them took less than this"),
        member("most", &K::most, ""),
        member("buckets", &K::buckets, "how many took how long; those with none are left out"),
    };
};

template <> struct Shape<MessagePair> {
    using M = MessagePair;
    static constexpr std::tuple members{
        member("from", &M::from, "endpoint"),
        member("from_name", &M::from_name, "\"?\" when it is dead by now"),
        member("to", &M::to, "endpoint"),
        member("to_name", &M::to_name, ""),
        member("messages", &M::messages, "delivered, faults and memory requests to VM too"),
        member("notifications", &M::notifications, "delivered"),
    };
};

namespace {

struct Uncounted {
    Counter uncounted;
};

} // namespace

template <> struct Shape<Uncounted> {
    static constexpr std::tuple members{
        member("uncounted", &Uncounted::uncounted, "deliveries between pairs that had no room in the table"),
    };
};

namespace {

Outcome<KernelCounters> counters(Call& call, const Nothing&) { return from_system(call.system.kernel.counters()); }

Outcome<Nothing> calls(Call& call, const ListParameters&, Range range, Visitor<KernelCallEntry>& visitor) {
    return listed(call.system.kernel.calls(range, visitor));
}

Outcome<Uncounted> messages(Call& call, const ListParameters&, Range range, Visitor<MessagePair>& visitor) {
    return from_system(call.system.kernel.messages(range, visitor)).transform([](Counter uncounted) {
        return Uncounted{uncounted};
    });
}

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
    method<&calls>({
        .name = "kernel.calls",
        .summary =
            "Every kernel call: how often, how often in vain, and how long it takes while call_times are recorded",
        .asks = "kernel",
        .example = {R"({"limit":1})",
                    R"({"items":[{"name":"null","number":0,"count":"12","errors":"0","timed":"4","least":"52",)"
                    R"("median_below":"64","most":"130","buckets":[{"from":"32","runs":"3"},{"from":"128",)"
                    R"("runs":"1"}]}],"next":"1"})"},
    }),
    method<&messages>({
        .name = "kernel.messages",
        .summary = "Who sends to whom, how often, while message_counts are recorded",
        .asks = "kernel",
        .example = {"{}", R"({"items":[{"from":4102,"from_name":"netmgmt","to":4098,"to_name":"ds","messages":"12",)"
                          R"("notifications":"0"}],"next":null,"uncounted":"0"})"},
    }),
};

} // namespace

std::span<const Method> kernel_methods() { return table; }

} // namespace tessera::netmgmt
