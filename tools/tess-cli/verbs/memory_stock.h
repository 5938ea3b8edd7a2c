// SPDX-License-Identifier: BSD-3-Clause
// Who holds how much of the memory, at two times: whether every page that is no longer free is held by a process.
#pragma once

#include "tools/tess-cli/session.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tessera::tess {

struct MemoryStock {
    std::int64_t free_pages = 0;
    /// Of all processes of a name: resident pages and page tables. Of VM rather more than it has: only changes count.
    std::map<std::string, std::int64_t> held_pages;
};

/// Asks for each process on its own; asks again while free memory changes meanwhile. A process that ends meanwhile is
/// left out.
[[nodiscard]] Result<MemoryStock> take_memory_stock(Session& session);

struct Growth {
    std::string process;
    std::int64_t before = 0;
    std::int64_t after = 0;

    /// Negative when it holds fewer than before.
    [[nodiscard]] std::int64_t pages() const { return after - before; }
};

struct MemoryChange {
    std::int64_t lost_pages = 0; ///< neither free nor held by a process any more; negative: there are more than before
    std::vector<Growth> growths; ///< of processes that hold more or fewer pages than before

    /// No pages when the process holds as many as before.
    [[nodiscard]] Growth growth_of(const std::string& process) const;
};

[[nodiscard]] MemoryChange memory_change(const MemoryStock& before, const MemoryStock& after);

} // namespace tessera::tess
