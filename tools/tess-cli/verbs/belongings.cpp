// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/belongings.h"

#include "tools/tess-cli/output/json_view.h"

#include <format>

namespace tessera::tess {

namespace {

bool belongs_to_restart(const std::string& name, const StoredEntry& before, const StoredEntry& after,
                        const ServiceView& old_service, const ServiceView& new_service) {
    if (before.owner != after.owner) return false;
    if (before.owner == old_service.label) return true;
    return name.starts_with("label ") && before.value == std::to_string(old_service.endpoint.value_or(0)) &&
           after.value == std::to_string(new_service.endpoint.value_or(0));
}

} // namespace

Result<Belongings> take_stock(Session& session) {
    const auto stats = session.call("vm.stats");
    if (!stats) return Failed{stats.error()};
    const auto free_pages = number(*stats, "free_pages");
    if (!free_pages) return malformed("vm.stats without free_pages");
    const auto list = session.list("ds.list");
    if (!list) return Failed{list.error()};
    Belongings result{*free_pages, {}};
    for (const Json& entry : items_of(*list)) {
        result.entries.insert_or_assign(std::format("{} {}", text(entry, "type"), text(entry, "key")),
                                        StoredEntry{text(entry, "owner"), text(entry, "value")});
    }
    return result;
}

std::vector<std::string> differences(const Belongings& before, const Belongings& after, const ServiceView& old_service,
                                     const ServiceView& new_service, std::uint64_t tolerated_pages) {
    std::vector<std::string> found;
    const auto more = after.free_pages > before.free_pages;
    const auto moved = more ? after.free_pages - before.free_pages : before.free_pages - after.free_pages;
    if (moved > tolerated_pages) {
        found.push_back(std::format("free pages: {} before, {} after: {} {}", before.free_pages, after.free_pages,
                                    moved, more ? "more" : "lost"));
    }
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
