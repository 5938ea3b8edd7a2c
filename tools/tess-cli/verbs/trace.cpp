// SPDX-License-Identifier: BSD-3-Clause
// tess trace: what the kernel does, entry by entry.
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/printable.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/recording.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

struct TraceOptions {
    std::string classes;
    double seconds = 0; ///< 0: as long as the manual says
    bool watch = false;
};

/// "messages,kernel_calls" as trace.start takes it; the system knows which there are.
Json start_parameters(const std::string& classes) {
    if (classes.empty()) return Json::object();
    Json names = Json::array();
    for (std::size_t begin = 0; begin <= classes.size();) {
        const std::size_t end = std::min(classes.find(',', begin), classes.size());
        names.push_back(classes.substr(begin, end - begin));
        begin = end + 1;
    }
    return {{"classes", names}};
}

std::string words_of(const Json& entry) {
    const std::string kind = text(entry, "kind");
    if (kind == "kernel_call") return std::format("{} ticks", grouped_text(entry, "duration"));
    if (kind == "page_fault") return std::format("{} at {}", text(entry, "first"), text(entry, "second"));
    if (kind == "message") return std::format("{} {}", text(entry, "first"), text(entry, "second"));
    return kind == "notification" ? text(entry, "first") : "";
}

Table empty_table() {
    return Table{{{"TIME", Align::right, 12},
                  {"KIND", Align::left, 14},
                  {"FROM", Align::left, 10},
                  {"TO", Align::left, 10},
                  {"WHAT", Align::left, 20},
                  {"STATUS", Align::left, 8},
                  {"WORDS"}}};
}

class Tracer {
public:
    Tracer(Session& session, const TraceOptions& options) : session_{session}, options_{options} {}

    Result<void> run() {
        Recording recording{.parameters = start_parameters(options_.classes)};
        if (options_.seconds > 0 || !options_.watch)
            recording.seconds = options_.seconds > 0 ? options_.seconds : default_seconds;
        if (options_.watch && !session_.wants_json())
            session_.output().write(empty_table().heading_text(session_.output()));
        const auto recorded = record(session_, recording, [this](std::uint64_t first) { return read(first); });
        const bool cut_short = !recorded && recorded.error().exit_code == ExitCode::interrupted;
        if (options_.watch || (!recorded && !cut_short)) return recorded;
        const auto shown =
            session_.show(whole_, [this](const Json& whole, const Output& output) { return table(whole, output); });
        return shown ? recorded : shown;
    }

private:
    static constexpr double default_seconds = 1;

    Result<void> read(std::uint64_t first) {
        if (next_ == 0) next_ = first;
        auto list = session_.list("trace.read", {{"since", std::to_string(next_)}});
        if (!list) return Failed{list.error()};
        if (const auto dropped = number(*list, "dropped").value_or(0); dropped != 0) {
            dropped_ += dropped;
            session_.output().note(
                std::format("-- {} entries were overwritten before they were read\n", grouped(dropped)));
        }
        for (Json& entry : (*list)["items"]) {
            const auto sequence = number(entry, "sequence").value_or(0);
            if (sequence < next_) continue;
            next_ = sequence + 1;
            if (!begin_) begin_ = nanoseconds(entry, "nanoseconds");
            if (options_.watch)
                write(entry);
            else
                whole_["items"].push_back(std::move(entry));
        }
        whole_["dropped"] = std::to_string(dropped_);
        return {};
    }

    Row row(const Json& entry) const {
        const auto time = nanoseconds(entry, "nanoseconds");
        const std::string status = text(entry, "status");
        const Tone tone = status == "-" || status == "OK" ? Tone::plain : Tone::warning;
        return {time && begin_ ? "+" + seconds_stamp(*time - *begin_) : "-",
                text(entry, "kind"),
                text(entry, "from_name"),
                text(entry, "to_name"),
                text(entry, "what"),
                {status, tone},
                words_of(entry)};
    }

    void write(const Json& entry) {
        session_.output().write(session_.wants_json() ? compact(entry) + "\n"
                                                      : empty_table().row_text(session_.output(), row(entry)));
    }

    std::string table(const Json& whole, const Output& output) const {
        Table table{{{"TIME", Align::right}, {"KIND"}, {"FROM"}, {"TO"}, {"WHAT"}, {"STATUS"}, {"WORDS"}}};
        for (const Json& entry : items_of(whole)) table.add(row(entry));
        return table.text(output);
    }

    Session& session_;
    const TraceOptions& options_;
    Json whole_{{"items", Json::array()}, {"next", nullptr}, {"dropped", "0"}};
    std::uint64_t next_ = 0; ///< the first entry that was not read yet
    std::uint64_t dropped_ = 0;
    std::optional<std::chrono::nanoseconds> begin_; ///< time of the first entry
};

} // namespace

void add_trace(Registry& verbs) {
    auto options = std::make_shared<TraceOptions>();
    VerbParser& parser = verbs.add(
        {.name = "trace",
         .summary = "Record what the kernel does for a while, and show it.",
         .description =
             "Records for a second, or as long as --for says, and shows a table; Ctrl-C ends it earlier. With --watch "
             "entries come as they are recorded, until interrupted when there is no --for; --json then writes one "
             "object a line. TIME is seconds since the first entry. WORDS are the first two of a message, the time of "
             "a kernel call, or the address of a fault and the instruction. The request itself is in the trace too. "
             "Calls trace.start, trace.read and trace.stop.",
         .examples = {{"tess trace --for 0.1 --classes messages,kernel_calls",
                       R"(     TIME  KIND         FROM     TO       WHAT            STATUS  WORDS
+0.000000  kernel_call  netmgmt           trace_control   OK      812 ticks
+0.000210  message      netmgmt  ds       ds.publish_u32  -       0x30000 0x700010000
+0.000230  kernel_call  ds                safecopy_from   EPERM   430 ticks
+0.000262  message      ds       netmgmt  answer          EPERM   0xffffffffffffffff 0x0
)"}}},
        [options](Session& session) { return Tracer{session, *options}.run(); });
    parser.seconds("--for", options->seconds, "How long to record");
    parser.text("--classes", options->classes,
                "What to record, with commas: messages, notifications, kernel_calls, page_faults, process_switches, "
                "interrupts (default: all)");
    parser.flag("-w,--watch", options->watch, "Show entries as they are recorded");
}

} // namespace tessera::tess
