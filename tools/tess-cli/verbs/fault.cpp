// SPDX-License-Identifier: BSD-3-Clause
// tess fault: arm faults, see whether they fired, kill a service and watch it come back.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/fault_kill.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

std::string model_table(const Json& result, const Output& output) {
    Table table{{{"MODEL"}, {"DESCRIPTION"}}};
    for (const Json& model : member(result, "models")) table.add({text(model, "name"), text(model, "description")});
    return table.text(output);
}

Tone tone_of_fault_state(std::string_view state) {
    if (state == "fired") return Tone::good;
    if (state == "failed") return Tone::bad;
    return Tone::plain;
}

std::string fault_table(const Json& list, const Output& output) {
    Table table{{{"FAULT", Align::right},
                 {"TARGET"},
                 {"MODEL"},
                 {"STATE"},
                 {"FIRED AFTER", Align::right},
                 {"ENDPOINT", Align::right}}};
    for (const Json& fault : items_of(list)) {
        const std::string state = text(fault, "state");
        table.add({text(fault, "fault"),
                   text(fault, "target"),
                   text(fault, "model"),
                   {state, tone_of_fault_state(state)},
                   duration_text(fault, "fired_at"),
                   text(fault, "endpoint")});
    }
    return table.text(output);
}

void add_models(Registry& verbs, VerbParser& parent) {
    verbs.add(parent,
              {.name = "models",
               .summary = "List the ways in which a service can be made to fail.",
               .description = "Calls fault.models.",
               .examples = {{"tess fault models", R"(MODEL                      DESCRIPTION
crash_null_jump            jumps to address 0
crash_illegal_instruction  is ended as one that executed an undefined instruction
kill                       is ended by the kernel
hang                       stops answering for ever
)"}}},
              [](Session& session) { return session.show(session.call("fault.models"), model_table); });
}

void add_list(Registry& verbs, VerbParser& parent) {
    verbs.add(parent,
              {.name = "list",
               .summary = "List the faults that were armed, and what became of them.",
               .description = "FIRED AFTER counts from the start of the system. Calls fault.list.",
               .examples = {{"tess fault list", R"(FAULT  TARGET  MODEL            STATE  FIRED AFTER  ENDPOINT
    1  e1000   crash_null_jump  fired     12.345 s      4101
    2  ds      kill             armed            -         -
)"}}},
              [](Session& session) { return session.show(session.list("fault.list"), fault_table); });
}

struct ArmOptions {
    std::string target;
    std::string model;
    std::uint64_t after_milliseconds = 20;
};

void add_arm(Registry& verbs, VerbParser& parent) {
    auto options = std::make_shared<ArmOptions>();
    VerbParser& parser = verbs.add(
        parent,
        {.name = "arm",
         .summary = "Arm a fault and leave it to itself.",
         .description = "Calls fault.arm with a trigger of the kind time.",
         .examples = {{"tess fault arm ds hang --after 100", "armed fault 3: hang in ds after 100 ms\n"}}},
        [options](Session& session) {
            const Json params{{"target", options->target},
                              {"model", options->model},
                              {"trigger", {{"kind", "time"}, {"milliseconds", options->after_milliseconds}}}};
            return session.show(session.call("fault.arm", params), [options](const Json& armed, const Output&) {
                return std::format("armed fault {}: {} in {} after {} ms\n", Cell{text(armed, "fault")}.text,
                                   Cell{options->model}.text, Cell{options->target}.text, options->after_milliseconds);
            });
        });
    parser.text("TARGET", options->target, "Label of the service", Need::required);
    parser.text("MODEL", options->model, "How it fails; `tess fault models` lists the ways", Need::required);
    parser.number("--after", options->after_milliseconds, {0, 60'000}, "Milliseconds until it fires (default 20)");
}

void add_disarm(Registry& verbs, VerbParser& parent) {
    auto fault = std::make_shared<std::uint64_t>(0);
    verbs
        .add(parent,
             {.name = "disarm",
              .summary = "Take back a fault that has not fired.",
              .description = "Calls fault.disarm.",
              .examples = {{"tess fault disarm 2", "fault 2 is disarmed\n"}}},
             [fault](Session& session) {
                 return session.show(session.call("fault.disarm", {{"fault", *fault}}),
                                     [](const Json& result, const Output&) {
                                         return std::format("fault {} is {}\n", Cell{text(result, "fault")}.text,
                                                            Cell{text(result, "state")}.text);
                                     });
             })
        .number("FAULT", *fault, {}, "Number of the fault, as `tess fault list` shows it", Need::required);
}

} // namespace

void add_fault(Registry& verbs) {
    VerbParser& parser = verbs.add(
        {.name = "fault", .summary = "Inject faults and watch the recovery.", .description = "", .examples = {}}, {});
    parser.require_verb();
    add_models(verbs, parser);
    add_list(verbs, parser);
    add_arm(verbs, parser);
    add_disarm(verbs, parser);
    add_fault_kill(verbs, parser);
}

} // namespace tessera::tess
