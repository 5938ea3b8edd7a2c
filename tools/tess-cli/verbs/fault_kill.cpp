// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/fault_kill.h"

#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/belongings.h"
#include "tools/tess-cli/verbs/recovery.h"

#include <algorithm>
#include <cmath>
#include <format>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

/// How long memory and data store may take to be as before: freed pages come back a little after the restart.
constexpr Duration settle_time = 5s;
constexpr Duration between_checks = 100ms;

struct KillOptions {
    std::string label;
    std::string model = "kill";
    std::uint64_t times = 1;
    bool check = false;
    std::uint64_t tolerated_pages = 0;
    double recovery_seconds = 30;
};

struct Round {
    ServiceView before;
    Recovery recovery;
};

double milliseconds(Duration duration) {
    return std::round(std::chrono::duration<double, std::milli>(duration).count() * 10) / 10;
}

class Killing {
public:
    Killing(Session& session, const KillOptions& options)
        : session_{session},
          options_{options},
          table_{{{"ROUND", Align::right},
                  {"ENDPOINT", Align::left, 18},
                  {"RESTARTS", Align::left, 10},
                  {"GAP", Align::right, 9},
                  {"RECONNECTS", Align::right},
                  {"REASON"}}} {}

    Result<void> run() {
        const auto first = service_now();
        if (!first) return Failed{first.error()};
        Belongings before;
        if (options_.check) {
            const auto stock = take_stock(session_);
            if (!stock) return Failed{stock.error()};
            before = *stock;
        }
        if (!session_.wants_json()) session_.output().write(table_.heading_text(session_.output()));
        const auto killed = all_rounds();
        if (killed && options_.check) {
            const auto compared = compare(before);
            if (!compared) return finish(Failed{compared.error()});
        }
        return finish(killed);
    }

private:
    /// Right after a restart the connection may still break: it is made anew once.
    Result<ServiceView> service_now() {
        auto list = session_.list("service.list");
        if (!list && !rounds_.empty() && worth_reconnecting(list.error())) {
            const auto reconnected = session_.reconnect(session_.clock().now() + recovery_patience());
            if (!reconnected) return Failed{reconnected.error()};
            list = session_.list("service.list");
        }
        if (!list) return Failed{list.error()};
        return find_service(*list, options_.label);
    }

    Duration recovery_patience() const {
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{options_.recovery_seconds});
    }

    Result<void> all_rounds() {
        for (std::uint64_t number = 0; number < options_.times; ++number) {
            auto before = service_now();
            if (!before) return Failed{before.error()};
            auto recovery = one_round(*before);
            if (!recovery) return Failed{recovery.error()};
            rounds_.push_back({std::move(*before), std::move(*recovery)});
            if (!session_.wants_json())
                session_.output().write(table_.row_text(session_.output(), row(rounds_.back())));
        }
        return {};
    }

    Result<Recovery> one_round(const ServiceView& before) {
        const auto armed = session_.call("fault.arm", {{"target", options_.label}, {"model", options_.model}});
        if (!armed) return Failed{armed.error()};
        return watch_restart(session_, before, number(*armed, "fault"), session_.clock().now() + recovery_patience());
    }

    Row row(const Round& round) const {
        const ServiceView& after = round.recovery.after;
        return {std::to_string(rounds_.size()),
                std::format("{} -> {}", round.before.endpoint.value_or(0), after.endpoint.value_or(0)),
                std::format("{} -> {}", round.before.restarts, after.restarts),
                std::format("{:.1f} ms", milliseconds(round.recovery.gap)),
                std::to_string(round.recovery.reconnects),
                after.last_reason};
    }

    /// Looks until nothing differs or the settle time is over.
    Result<void> compare(const Belongings& before) {
        const Instant deadline = session_.clock().now() + settle_time;
        for (;;) {
            const auto after = take_stock(session_);
            if (!after && !worth_reconnecting(after.error())) return Failed{after.error()};
            if (after) {
                differences_ = differences(before, *after, rounds_.front().before, rounds_.back().recovery.after,
                                           options_.tolerated_pages);
                check_ = check_document(before, *after);
                if (differences_.empty()) return {};
            }
            if (session_.clock().now() >= deadline) return after ? Result<void>{} : Failed{after.error()};
            const auto paused = session_.clock().pause(between_checks);
            if (!paused) return paused;
        }
    }

    Json check_document(const Belongings& before, const Belongings& after) const {
        const MemoryChange change = memory_change(before.memory, after.memory);
        Json growth = Json::array();
        for (const Growth& one : change.growths) growth.push_back({{"process", one.process}, {"pages", one.pages()}});
        return Json{{"passed", differences_.empty()},
                    {"free_pages_before", before.memory.free_pages},
                    {"free_pages_after", after.memory.free_pages},
                    {"lost_pages", change.lost_pages},
                    {"growth", growth},
                    {"ds_entries_before", before.entries.size()},
                    {"ds_entries_after", after.entries.size()},
                    {"differences", differences_}};
    }

    Result<void> finish(const Result<void>& killed) {
        session_.output().write(session_.wants_json() ? compact(document(killed.has_value())) + "\n" : summary());
        if (!killed) return killed;
        if (differences_.empty()) return {};
        return refused(
            std::format("{} came back, but {} things differ from before", options_.label, differences_.size()),
            "`tess vm` and `tess ds` show what is there now; `tess log` what happened");
    }

    Json document(bool recovered) const {
        Json rounds = Json::array();
        for (const Round& round : rounds_) {
            rounds.push_back({{"old_endpoint", round.before.endpoint.value_or(0)},
                              {"new_endpoint", round.recovery.after.endpoint.value_or(0)},
                              {"restarts_before", round.before.restarts},
                              {"restarts_after", round.recovery.after.restarts},
                              {"gap_ms", milliseconds(round.recovery.gap)},
                              {"reconnects", round.recovery.reconnects},
                              {"reason", round.recovery.after.last_reason}});
        }
        return Json{{"label", options_.label}, {"model", options_.model}, {"times", options_.times},
                    {"recovered", recovered},  {"rounds", rounds},        {"check", check_}};
    }

    std::string summary() const {
        std::string result =
            std::format("\n{} recovered {} of {} times", Cell{options_.label}.text, rounds_.size(), options_.times);
        if (!rounds_.empty()) {
            std::vector<Duration> gaps;
            for (const Round& round : rounds_) gaps.push_back(round.recovery.gap);
            std::ranges::sort(gaps);
            result += std::format("; gap: median {:.1f} ms, longest {:.1f} ms",
                                  milliseconds(gaps[(gaps.size() - 1) / 2]), milliseconds(gaps.back()));
        }
        result += "\n";
        if (check_.is_null()) return result;
        result += std::format("free pages {} -> {}{}, data store entries {} -> {}: {}\n",
                              text(check_, "free_pages_before"), text(check_, "free_pages_after"), growth_text(),
                              text(check_, "ds_entries_before"), text(check_, "ds_entries_after"),
                              differences_.empty() ? session_.output().toned("nothing lost", Tone::good)
                                                   : session_.output().toned("not as before", Tone::bad));
        for (const auto& difference : differences_) result += "  " + Cell{difference}.text + "\n";
        return result;
    }

    /// " (rs +2, netmgmt -1)": where free pages went, and where they came from.
    std::string growth_text() const {
        std::string result;
        for (const Json& growth : member(check_, "growth")) {
            result += std::format("{}{} {:+}", result.empty() ? " (" : ", ", Cell{text(growth, "process")}.text,
                                  growth.at("pages").get<std::int64_t>());
        }
        return result.empty() ? result : result + ")";
    }

    Session& session_;
    const KillOptions& options_;
    Table table_;
    std::vector<Round> rounds_;
    std::vector<std::string> differences_;
    Json check_;
};

void add_words(VerbParser& parser, KillOptions& options) {
    parser.text("LABEL", options.label, "Label of the service", Need::required);
    parser.number("--times", options.times, {1, 1'000'000},
                  "Rounds, each after the recovery of the one before (default 1)");
    parser.text("--model", options.model, "How it fails (default kill); `tess fault models` lists the ways");
    parser.flag("--check", options.check, "Compare memory and data-store entries before and after");
    parser.number("--tolerance", options.tolerated_pages, {},
                  "Pages that --check may find lost or more, or LABEL grown by (default 0)");
    parser.seconds("--recovery", options.recovery_seconds, "Seconds to wait for each recovery (default 30)");
}

} // namespace

void add_fault_kill(Registry& verbs, VerbParser& parent) {
    auto options = std::make_shared<KillOptions>();
    VerbParser& parser = verbs.add(
        parent,
        {.name = "kill",
         .summary = "Make a service fail, and wait until RS has restarted it.",
         .description = "Any restartable service will do, the network driver and the management server "
                        "included: the connection is made "
                        "anew when it was lost. GAP is wall-clock time on the host, from the last answer "
                        "that showed the old service "
                        "unharmed to the first that showed the new one running.\n\n"
                        "--check looks where each page of memory is. A page that is neither free nor held by a "
                        "process is lost. Other services may grow meanwhile, which is shown and is no "
                        "difference; the restarted one must do with the memory it had.\n\n"
                        "Exit code 1 when the service did not come back, or when --check finds a difference.",
         .examples = {{"tess fault kill ds --times 2 --check",
                       R"(ROUND  ENDPOINT            RESTARTS          GAP  RECONNECTS  REASON
    1  4099 -> 8195        0 -> 1        20.0 ms           0  killed
    2  8195 -> 12291       1 -> 2        20.0 ms           0  killed

ds recovered 2 of 2 times; gap: median 20.0 ms, longest 20.0 ms
free pages 12001 -> 12001, data store entries 4 -> 4: nothing lost
)"}}},
        [options](Session& session) { return Killing{session, *options}.run(); });
    add_words(parser, *options);
}

} // namespace tessera::tess
