// SPDX-License-Identifier: BSD-3-Clause
// trace.*: what the kernel records, entry by entry.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct Start {
    std::optional<std::vector<TraceClass>> classes;
};

struct Started {
    Sequence next_sequence;
};

struct Read : ListParameters {
    Sequence since;
};

struct Dropped {
    Counter dropped;
};

/// One of each kind of entry; what only counts has to be asked for.
constexpr std::array every_kind{TraceClass::messages,    TraceClass::notifications,    TraceClass::kernel_calls,
                                TraceClass::page_faults, TraceClass::process_switches, TraceClass::interrupts};

} // namespace

template <> struct EnumNames<TraceClass> {
    static constexpr auto names = trace_class_names;
};

template <> struct EnumNames<TraceKind> {
    static constexpr std::array<std::string_view, trace_kind_count> names{"message",    "notification",   "kernel_call",
                                                                          "page_fault", "process_switch", "interrupt"};
};

template <> struct Shape<Start> {
    static constexpr std::tuple members{
        optional_member("classes", &Start::classes,
                        "what to record, and nothing else; if left out, every kind of entry. call_times is for "
                        "kernel.calls, message_counts for kernel.messages",
                        Bounds{1, trace_class_names.size()}),
    };
};

template <> struct Shape<Started> {
    static constexpr std::tuple members{
        member("next_sequence", &Started::next_sequence, "of the next entry to be recorded"),
    };
};

template <> struct Shape<TraceEntry> {
    using T = TraceEntry;
    static constexpr std::tuple members{
        member("sequence", &T::sequence, "grows by one from entry to entry"),
        member("nanoseconds", &T::nanoseconds, "since boot"),
        member("ticks", &T::ticks, "when it happened"),
        member("kind", &T::kind, ""),
        member("from", &T::from, "endpoint of who sent, called, faulted or ran before; null: nobody"),
        member("from_name", &T::from_name, "\"?\" when it is dead by now"),
        member("to", &T::to, "endpoint of who received or runs now; null: nobody"),
        member("to_name", &T::to_name, ""),
        member("what", &T::what, "operation, kernel call, access or interrupt line"),
        member("status", &T::status, "of a kernel call or of an answer, else null"),
        member("duration", &T::duration, "of a kernel call, else null"),
        member("first", &T::first, "word 0 of a message or kernel call; what a notification tells; address of a fault"),
        member("second", &T::second, "word 1 of a message; instruction that faulted"),
    };
};

template <> struct Shape<Read> {
    static constexpr auto members =
        with_list_members(optional_member("since", &Read::since, "first sequence wanted; 0 is the oldest"));
};

template <> struct Shape<Dropped> {
    static constexpr std::tuple members{
        member("dropped", &Dropped::dropped, "entries from there on that were overwritten before they were read"),
    };
};

namespace {

Outcome<Started> record(Call& call, const std::vector<TraceClass>& classes) {
    return from_system(call.system.trace.record(classes)).transform([](Sequence next) { return Started{next}; });
}

Outcome<Started> start(Call& call, const Start& parameters) {
    return record(call, parameters.classes.value_or(std::vector(every_kind.begin(), every_kind.end())));
}

Outcome<Started> stop(Call& call, const Nothing&) { return record(call, {}); }

Outcome<Dropped> read(Call& call, const Read& parameters, Range range, Visitor<TraceEntry>& visitor) {
    range.from.value = std::max(range.from.value, parameters.since.value);
    return from_system(call.system.trace.read(range, visitor)).transform([](Counter dropped) {
        return Dropped{dropped};
    });
}

constexpr std::array table{
    method<&start>({
        .name = "trace.start",
        .summary = "Records what the kernel does from now on; what was recorded of the same classes is forgotten",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "kernel",
        .example = {R"({"classes":["messages","kernel_calls"]})", R"({"next_sequence":"1"})"},
    }),
    method<&stop>({
        .name = "trace.stop",
        .summary = "Records nothing any more; what was recorded can still be read",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "kernel",
        .example = {"{}", R"({"next_sequence":"2817"})"},
    }),
    method<&read>({
        .name = "trace.read",
        .summary = "What was recorded, from an entry on",
        .asks = "kernel",
        .example = {R"({"since":"17","limit":1})",
                    R"({"items":[{"sequence":"17","nanoseconds":"2100000000","ticks":"2100000000","kind":"message",)"
                    R"("from":4102,"from_name":"netmgmt","to":4098,"to_name":"ds","what":"ds.publish_u32",)"
                    R"("status":null,"duration":null,"first":"0x30000","second":"0x700010000"}],"next":"12",)"
                    R"("dropped":"0"})"},
    }),
};

} // namespace

std::span<const Method> trace_methods() { return table; }

} // namespace tessera::netmgmt
