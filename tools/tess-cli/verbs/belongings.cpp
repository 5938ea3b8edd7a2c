// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/belongings.h"

#include "tools/tess-cli/output/json_view.h"

#include <cstdlib>
#include <format>
#include <utility>

namespace tessera::tess {

namespace {

bool belongs_to_restart(const std::string& name, const StoredEntry& before, const StoredEntry& after,
                        const ServiceView& old_service, const ServiceView& new_service) {
    if (before.owner != after.owner) return false;
    if (before.owner == old_service.label) return true;
    return name.starts_with("label ") && before.value == std::to_string(old_service.endpoint.value_or(0)) &&
           after.value == std::to_string(new_service.endpoint.value_or(0));
}

std::string explanation(const Growth& growth) {
    const auto count = std::abs(growth.pages());
    if (growth.pages() < 0) return std::format(", {} came back from {}", count, growth.process);
    return std::format(", {} {} {}'s growth", count, count == 1 ? "is" : "are", growth.process);
}

std::vector<std::string> differences(const MemoryStock& before, const MemoryStock& after, const ServiceView& restarted,
                                     std::uint64_t tolerated_pages) {
    std::vector<std::string> found;
    const MemoryChange change = memory_change(before, after);
    const std::int64_t lost = change.lost_pages;
    if (std::cmp_greater(std::abs(lost), tolerated_pages)) {
        found.push_back(std::format("free pages: {} before, {} after: {} {}", before.free_pages, after.free_pages,
                                    std::abs(lost), lost > 0 ? "lost" : "more"));
        for (const Growth& growth : change.growths) found.back() += explanation(growth);
    }
    if (const auto growth = change.growth_of(restarted.label); std::cmp_greater(growth.pages(), tolerated_pages)) {
        found.push_back(
            std::format("pages of {}: {} before its restart, {} after", restarted.label, growth.before, growth.after));
    }
    return found;
}

} // namespace

Result<Belongings> take_stock(Session& session) {
    const auto list = session.list("ds.list");
    if (!list) return Failed{list.error()};
    Belongings result;
    for (const Json& entry : items_of(*list)) {
        result.entries.insert_or_assign(std::format("{} {}", text(entry, "type"), text(entry, "key")),
                                        StoredEntry{text(entry, "owner"), text(entry, "value")});
    }
    auto memory = take_memory_stock(session); // last: what the calls before made netmgmt take is in it
    if (!memory) return Failed{memory.error()};
    result.memory = std::move(*memory);
    return result;
}

std::vector<std::string> differences(const Belongings& before, const Belongings& after, const ServiceView& old_service,
                                     const ServiceView& new_service, std::uint64_t tolerated_pages) {
    std::vector<std::string> found = differences(before.memory, after.memory, new_service, tolerated_pages);
    for (const auto& [name, entry] : before.entries) {
        const auto now = after.entries.find(name);
        if (now == after.entries.end()) {
            found.push_back(std::format("data store: {} is gone", name));
        } else if (entry != now->second && !belongs_to_restart(name, entry, now->second, old_service, new_service)) {
            found.push_back(std::format("data store: {} was {} of {}, is {} of {}", name, entry.value, entry.owner,
                                        now->second.value, now->second.owner));
        }
    }
    for (const auto& [name, entry] : after.entries) {
        if (!before.entries.contains(name) && entry.owner != new_service.label) {
            found.push_back(std::format("data store: {} is new", name));
        }
    }
    return found;
}

} // namespace tessera::tess
