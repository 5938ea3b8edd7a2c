// SPDX-License-Identifier: BSD-3-Clause
// What a system must still have after a service was restarted: its memory and its data-store entries.
#pragma once

#include "tools/tess-cli/session.h"
#include "tools/tess-cli/verbs/memory_stock.h"
#include "tools/tess-cli/verbs/services.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tessera::tess {

struct StoredEntry {
    std::string owner;
    std::string value;
    bool operator==(const StoredEntry&) const = default;
};

struct Belongings {
    MemoryStock memory;
    std::map<std::string, StoredEntry> entries; ///< by type and key: "label ds"
};

[[nodiscard]] Result<Belongings> take_stock(Session& session);

/// What differs, one sentence each; empty when nothing was lost. Three changes are none: a label of the restarted
/// service that now names the new endpoint, a value that the restarted service itself published anew, and memory that
/// another process holds more or less of. The restarted service must do with the memory it had.
[[nodiscard]] std::vector<std::string> differences(const Belongings& before, const Belongings& after,
                                                   const ServiceView& old_service, const ServiceView& new_service,
                                                   std::uint64_t tolerated_pages);

} // namespace tessera::tess
