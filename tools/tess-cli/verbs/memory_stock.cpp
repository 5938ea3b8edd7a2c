// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/memory_stock.h"

#include "tools/tess-cli/output/json_view.h"

#include <algorithm>
#include <format>
#include <optional>
#include <utility>

namespace tessera::tess {

namespace {

/// More than a machine has, and few enough to be added up.
constexpr std::uint64_t pages_limit = std::uint64_t{1} << 40;
/// A system that never rests is judged by the last of so many readings.
constexpr unsigned readings_limit = 5;

/// What one answer of vm.stats tells: memory that no process of process.list accounts for.
struct Totals {
    std::int64_t free_pages;
    std::int64_t vm_own_pages;
    bool operator==(const Totals&) const = default;
};

Result<std::int64_t> pages(const Json& answer, std::string_view method, std::string_view name) {
    const auto value = number(answer, name);
    if (!value || *value > pages_limit) return malformed(std::format("{} without {}", method, name));
    return static_cast<std::int64_t>(*value);
}

Result<Totals> totals_now(Session& session) {
    const auto stats = session.call("vm.stats");
    if (!stats) return Failed{stats.error()};
    const auto free_pages = pages(*stats, "vm.stats", "free_pages");
    if (!free_pages) return Failed{free_pages.error()};
    const auto vm_own_pages = pages(*stats, "vm.stats", "vm_own_pages");
    if (!vm_own_pages) return Failed{vm_own_pages.error()};
    return Totals{*free_pages, *vm_own_pages};
}

/// Nothing when the process has no address space, or has ended.
Result<std::optional<std::int64_t>> held_by(Session& session, std::uint64_t endpoint) {
    const auto usage = session.call("vm.process", {{"endpoint", endpoint}});
    if (!usage && usage.error().errno_name == "ESRCH") return std::nullopt;
    if (!usage) return Failed{usage.error()};
    const auto resident = pages(*usage, "vm.process", "resident_pages");
    if (!resident) return Failed{resident.error()};
    const auto tables = pages(*usage, "vm.process", "page_table_pages");
    if (!tables) return Failed{tables.error()};
    return *resident + *tables;
}

Result<MemoryStock> reading(Session& session, const Totals& totals) {
    const auto list = session.list("process.list", {{"fields", {"endpoint", "name"}}});
    if (!list) return Failed{list.error()};
    // vm.process tells of VM only what the boot stage gave it, which never changes and is in vm_own_pages too. What VM
    // takes later, for its records of the others, is in vm_own_pages alone.
    MemoryStock stock{totals.free_pages, {{"vm", totals.vm_own_pages}}};
    for (const Json& process : items_of(*list)) {
        const auto endpoint = number(process, "endpoint");
        if (!endpoint) return malformed("process.list with a process without endpoint");
        const auto held = held_by(session, *endpoint);
        if (!held) return Failed{held.error()};
        if (*held) stock.held_pages[text(process, "name")] += **held;
    }
    return stock;
}

} // namespace

Result<MemoryStock> take_memory_stock(Session& session) {
    auto totals = totals_now(session);
    for (unsigned left = readings_limit; totals; --left) {
        auto stock = reading(session, *totals);
        if (!stock) return stock;
        auto totals_since = totals_now(session);
        if (totals_since && (left == 1 || *totals_since == *totals)) return stock;
        totals = std::move(totals_since);
    }
    return Failed{totals.error()};
}

Growth MemoryChange::growth_of(const std::string& process) const {
    const auto found = std::ranges::find(growths, process, &Growth::process);
    return found == growths.end() ? Growth{process} : *found;
}

MemoryChange memory_change(const MemoryStock& before, const MemoryStock& after) {
    std::map<std::string, Growth> growths;
    for (const auto& [process, held] : before.held_pages) growths[process].before = held;
    for (const auto& [process, held] : after.held_pages) growths[process].after = held;
    MemoryChange change{before.free_pages - after.free_pages, {}};
    for (const auto& [process, growth] : growths) {
        change.lost_pages -= growth.pages();
        if (growth.pages() != 0) change.growths.push_back({process, growth.before, growth.after});
    }
    return change;
}

} // namespace tessera::tess
