// SPDX-License-Identifier: BSD-3-Clause
// tess ps: processes, or one of them closely.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/processes.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

Tone tone_of_process_state(std::string_view state) {
    if (state == "dead" || state == "stopped") return Tone::bad;
    if (state == "page_fault" || state == "waiting_for_vm") return Tone::warning;
    if (state == "running" || state == "ready") return Tone::good;
    return Tone::plain;
}

std::string process_table(const Json& list, const Output& output) {
    Table table{{{"NAME"},
                 {"ENDPOINT", Align::right},
                 {"STATE"},
                 {"WAITS FOR"},
                 {"PRIORITY", Align::right},
                 {"TICKS", Align::right},
                 {"MESSAGES", Align::right},
                 {"FAULTS", Align::right}}};
    for (const Json& process : items_of(list)) {
        const std::string state = text(process, "state");
        table.add({text(process, "name"),
                   text(process, "endpoint"),
                   {state, tone_of_process_state(state)},
                   text(process, "waits_for"),
                   text(process, "priority"),
                   grouped_text(process, "processor_time"),
                   grouped_text(process, "messages"),
                   grouped_text(process, "faults")});
    }
    return table.text(output);
}

std::string io_ports_text(const Json& privileges) {
    std::string result;
    for (const Json& range : member(privileges, "io_ports")) {
        result += std::format("{}{:#x}..{:#x}", result.empty() ? "" : ", ", number(range, "first").value_or(0),
                              number(range, "last").value_or(0));
    }
    return result.empty() ? "-" : result;
}

std::string memory_text(const Json& privileges) {
    std::string result;
    for (const Json& range : member(privileges, "memory")) {
        result +=
            std::format("{}{} at {}", result.empty() ? "" : ", ", size_text(range, "bytes"), text(range, "address"));
    }
    return result.empty() ? "-" : result;
}

std::string process_properties(const Json& process, const Output& output) {
    const Json& privileges = member(process, "privileges");
    const std::string state = text(process, "state");
    PropertyList list;
    list.add("name", text(process, "name"));
    list.add("endpoint", std::format("{} (slot {}, generation {})", text(process, "endpoint"), text(process, "slot"),
                                     text(process, "generation")));
    list.add("state", {state, tone_of_process_state(state)});
    list.add("waits for", text(process, "waits_for"));
    list.add("kind", is_true(process, "service") ? "service" : "process");
    list.add("priority", text(process, "priority"));
    list.add("processor time", grouped_text(process, "processor_time") + " ticks");
    list.add("messages sent", grouped_text(process, "messages"));
    list.add("page faults", grouped_text(process, "faults"));
    list.add("kernel calls made", grouped_text(process, "kernel_calls"));
    list.add("instruction at", text(process, "instruction_pointer"));
    list.add("may send to", joined(privileges, "send_to", " "));
    list.add("may call", joined(privileges, "kernel_calls", " "));
    list.add("interrupts", joined(privileges, "interrupts", " "));
    list.add("I/O ports", io_ports_text(privileges));
    list.add("device memory", memory_text(privileges));
    return list.text(output);
}

Result<void> run_ps(Session& session, const std::string& process) {
    if (process.empty()) return session.show(session.list("process.list"), process_table);
    const auto found = find_process(session, process);
    if (!found) return Failed{found.error()};
    return session.show(session.call("process.get", {{"endpoint", found->endpoint}}), process_properties);
}

} // namespace

void add_ps(Registry& verbs) {
    auto process = std::make_shared<std::string>();
    verbs
        .add(
            {.name = "ps",
             .summary = "List the processes, or show one of them closely.",
             .description =
                 "TICKS is the processor time used, in ticks of the time-stamp counter. WAITS FOR is \"any\" for a "
                 "process that takes a message from anybody. Calls process.list or process.get.",
             .examples = {{"tess ps", R"(NAME     ENDPOINT  STATE      WAITS FOR  PRIORITY       TICKS  MESSAGES  FAULTS
idle            1  ready      -                15  91,234,567         0       0
vm           4098  receiving  any               1   1,234,567     2,345       0
ds           4099  receiving  any               3      45,678       210       7
netmgmt      4102  running    -                 5     912,345     3,001      41
)"},
                          {"tess ps ds", R"(name               ds
endpoint           4099 (slot 3, generation 1)
state              receiving
waits for          any
kind               service
priority           3
processor time     45,678 ticks
messages sent      210
page faults        7
kernel calls made  321
instruction at     0x401a2c
may send to        vm rs
may call           send receive safecopy_from
interrupts         -
I/O ports          0x3f8..0x3ff
device memory      128 KiB at 0xfebc0000
)"}}},
            [process](Session& session) { return run_ps(session, *process); })
        .text("PROCESS", *process, "Name or endpoint of the process to show");
}

} // namespace tessera::tess
