// SPDX-License-Identifier: BSD-3-Clause
// tess kernel: its calls and their times, and who sends to whom.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/recording.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

Result<void> record_only(Session& session, const char* what, double seconds) {
    const Recording recording{.parameters = {{"classes", {what}}}, .seconds = seconds};
    return record(session, recording, [](std::uint64_t) { return Result<void>{}; });
}

/// "32:120 64:7": how many runs took from that many ticks to twice that.
std::string bucket_text(const Json& call) {
    std::string result;
    for (const Json& bucket : member(call, "buckets"))
        result += std::format("{}{}:{}", result.empty() ? "" : " ", text(bucket, "from"), text(bucket, "runs"));
    return result.empty() ? "-" : result;
}

std::string call_table(const Json& list, const Output& output) {
    Table table{{{"CALL"},
                 {"COUNT", Align::right},
                 {"ERRORS", Align::right},
                 {"TIMED", Align::right},
                 {"LEAST", Align::right},
                 {"MEDIAN <", Align::right},
                 {"MOST", Align::right},
                 {"TICKS:RUNS"}}};
    for (const Json& call : items_of(list)) {
        table.add(
            {text(call, "name"),
             grouped_text(call, "count"),
             {grouped_text(call, "errors"), number(call, "errors").value_or(0) == 0 ? Tone::plain : Tone::warning},
             grouped_text(call, "timed"),
             grouped_text(call, "least"),
             grouped_text(call, "median_below"),
             grouped_text(call, "most"),
             bucket_text(call)});
    }
    return table.text(output);
}

std::string message_table(const Json& list, const Output& output) {
    Table table{{{"FROM"}, {"TO"}, {"MESSAGES", Align::right}, {"NOTIFICATIONS", Align::right}}};
    for (const Json& pair : items_of(list)) {
        table.add({text(pair, "from_name"), text(pair, "to_name"), grouped_text(pair, "messages"),
                   grouped_text(pair, "notifications")});
    }
    const bool all = number(list, "uncounted").value_or(0) == 0;
    return table.text(output) +
           (all ? "" : std::format("\n{} more between other pairs\n", grouped_text(list, "uncounted")));
}

void add_kernel_calls(Registry& verbs, VerbParser& parent) {
    auto seconds = std::make_shared<double>(0);
    verbs
        .add(parent,
             {.name = "calls",
              .summary = "Show how often each kernel call was made, and how long it takes.",
              .description =
                  "COUNT and ERRORS are since boot. Times are of the last time that they were recorded: --for records "
                  "them now. They are ticks of the time-stamp counter in the handler of the call; TICKS:RUNS tells how "
                  "many runs took so many ticks to twice that. Calls kernel.calls, with --for trace.start and "
                  "trace.stop.",
              .examples = {{"tess kernel calls --for 2",
                            R"(CALL            COUNT  ERRORS  TIMED  LEAST  MEDIAN <   MOST  TICKS:RUNS
null                0       0      0      -         -      -  -
clock_read     12,345       0    120     40        64    130  32:100 64:18 128:2
safecopy_from     812       3     10    431       512  8,800  256:9 8192:1
)"}}},
             [seconds](Session& session) -> Result<void> {
                 if (*seconds > 0) {
                     const auto recorded = record_only(session, "call_times", *seconds);
                     if (!recorded) return recorded;
                 }
                 return session.show(session.list("kernel.calls"), call_table);
             })
        .seconds("--for", *seconds, "Record times for so long first");
}

void add_kernel_messages(Registry& verbs, VerbParser& parent) {
    auto seconds = std::make_shared<double>(1);
    verbs
        .add(parent,
             {.name = "messages",
              .summary = "Count for a while who sends to whom.",
              .description = "Calls trace.start, trace.stop and kernel.messages.",
              .examples = {{"tess kernel messages", R"(FROM      TO       MESSAGES  NOTIFICATIONS
hardware  e1000           0             24
e1000     netmgmt         0             21
netmgmt   ds             12              0

3 more between other pairs
)"}}},
             [seconds](Session& session) -> Result<void> {
                 const auto recorded = record_only(session, "message_counts", *seconds);
                 if (!recorded) return recorded;
                 return session.show(session.list("kernel.messages"), message_table);
             })
        .seconds("--for", *seconds, "How long to count");
}

} // namespace

void add_kernel(Registry& verbs) {
    VerbParser& kernel = verbs.add({.name = "kernel",
                                    .summary = "Show the kernel's calls, and who sends to whom.",
                                    .description = "",
                                    .examples = {}},
                                   {});
    kernel.require_verb();
    add_kernel_calls(verbs, kernel);
    add_kernel_messages(verbs, kernel);
}

} // namespace tessera::tess
