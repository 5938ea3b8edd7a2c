// SPDX-License-Identifier: BSD-3-Clause
// tess log: the system's log, once or as it grows.
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/printable.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <algorithm>
#include <array>
#include <format>
#include <limits>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

constexpr Duration follow_interval = 500ms;
/// Levels in the order of their weight.
constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};

struct LogOptions {
    std::uint64_t since = 0;
    std::uint64_t lines = std::numeric_limits<std::uint64_t>::max();
    std::string level = "debug";
    std::string source;
    bool follow = false;
};

std::size_t weight_of(std::string_view level) {
    return static_cast<std::size_t>(std::ranges::find(levels, level) - levels.begin());
}

Tone tone_of_level(std::string_view level) {
    if (level == "error") return Tone::bad;
    if (level == "warning") return Tone::warning;
    return level == "debug" ? Tone::quiet : Tone::plain;
}

std::string entry_text(const Json& entry, const Output& output) {
    const auto time = nanoseconds(entry, "nanoseconds");
    const std::string level = printable(text(entry, "level"));
    return std::format("{:>14}  {}{:{}}  {}: {}\n", time ? seconds_stamp(*time) : "-",
                       output.toned(level, tone_of_level(level)), "", level.size() < 7 ? 7 - level.size() : 0,
                       printable(text(entry, "source")),
                       output.toned(printable(text(entry, "text")), tone_of_level(level)));
}

class LogReader {
public:
    LogReader(Session& session, const LogOptions& options)
        : session_{session},
          options_{options},
          since_{options.since} {}

    Result<void> once() {
        auto page = read();
        if (!page) return Failed{page.error()};
        Json& items = (*page)["items"];
        const std::size_t surplus = items.size() > options_.lines ? items.size() - options_.lines : 0;
        items.erase(items.begin(), items.begin() + static_cast<Json::difference_type>(surplus));
        return session_.show(*page, [this](const Json& whole, const Output& output) { return lines(whole, output); });
    }

    Result<void> follow() {
        for (std::uint64_t allowed = options_.lines;; allowed = std::numeric_limits<std::uint64_t>::max()) {
            auto page = read();
            if (page) {
                write_newest(*page, allowed);
            } else {
                const auto survived = survive(page.error());
                if (!survived) return survived;
            }
            const auto paused = session_.clock().pause(follow_interval);
            if (!paused) return paused;
        }
    }

private:
    /// All entries from `since_` on that the user wants, and moves `since_` on.
    Result<Json> read() {
        auto list = session_.list("log.read", {{"since", std::to_string(since_)}});
        if (!list) return list;
        Json wanted = Json::array();
        for (Json& entry : (*list)["items"]) {
            const auto sequence = number(entry, "sequence").value_or(0);
            if (sequence < since_) continue; // it was shown before
            since_ = sequence + 1;
            last_time_ = std::max(last_time_, nanoseconds(entry, "nanoseconds").value_or(0ns));
            if (is_wanted(entry)) wanted.push_back(std::move(entry));
        }
        if (const auto dropped = number(*list, "dropped").value_or(0); dropped != 0) {
            session_.output().note(std::format("-- {} entries were dropped before they were read\n", grouped(dropped)));
        }
        (*list)["items"] = std::move(wanted);
        return list;
    }

    bool is_wanted(const Json& entry) const {
        const auto weight = weight_of(text(entry, "level"));
        return weight >= weight_of(options_.level) &&
               (options_.source.empty() || text(entry, "source") == options_.source);
    }

    void write_newest(const Json& page, std::uint64_t allowed) {
        const Json& items = items_of(page);
        for (std::size_t index = items.size() > allowed ? items.size() - allowed : 0; index < items.size(); ++index) {
            const Json& entry = items.at(index);
            session_.output().write(session_.wants_json() ? compact(entry) + "\n"
                                                          : entry_text(entry, session_.output()));
        }
    }

    std::string lines(const Json& whole, const Output& output) const {
        std::string result;
        for (const Json& entry : items_of(whole)) result += entry_text(entry, output);
        return result;
    }

    /// The network may be restarting: wait for it. A system that was rebooted counts from the beginning again.
    Result<void> survive(const Failure& failure) {
        if (!worth_reconnecting(failure)) return Failed{failure};
        session_.output().note(std::format("-- {}; trying again\n", printable(failure.message)));
        const auto connected = session_.reconnect(session_.clock().now() + session_.preferences().patience);
        if (!connected && !worth_reconnecting(connected.error())) return Failed{connected.error()};
        const auto uptime = session_.call("system.uptime");
        if (uptime && nanoseconds(*uptime, "nanoseconds").value_or(last_time_) < last_time_) {
            since_ = 0;
            last_time_ = 0ns;
            session_.output().note("-- the system was rebooted\n");
        }
        return {};
    }

    Session& session_;
    const LogOptions& options_;
    std::uint64_t since_; ///< the first entry that was not shown yet
    std::chrono::nanoseconds last_time_{0};
};

} // namespace

void add_log(Registry& verbs) {
    auto options = std::make_shared<LogOptions>();
    VerbParser& parser = verbs.add(
        {.name = "log",
         .summary = "Read the system's log.",
         .description =
             "Times are seconds since the start of the system. With --follow it goes on until interrupted, across "
             "restarts of the network too; --json then writes one object a line. Calls log.read.",
         .examples = {{"tess log", R"(      0.012345  info     kernel: 16256 pages of memory
      0.345678  warning  e1000: no link yet
      1.234567  error    rs: ds: page fault at 0x0, restarting
)"},
                      {"tess log --level warning --lines 1",
                       R"(      1.234567  error    rs: ds: page fault at 0x0, restarting
)"}}},
        [options](Session& session) {
            LogReader reader{session, *options};
            return options->follow ? reader.follow() : reader.once();
        });
    parser.flag("-f,--follow", options->follow, "Go on with new entries until interrupted");
    parser.number("--since", options->since, {}, "Only entries from this sequence number on");
    parser.number("-n,--lines", options->lines, {}, "Only the last entries, this many");
    parser.choice("--level", options->level, {"debug", "info", "warning", "error"},
                  "Only entries of this weight or more");
    parser.text("--source", options->source, "Only entries of this source");
}

} // namespace tessera::tess
