// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory behind map entries: DS sees it by a view, and grants the view to whoever retrieves the entry.

#include "servers/ds/clients.h"
#include "servers/runtime/grants.h"
#include <map>
#include <string>

namespace tessera::ds {

class LiveRange {
public:
    static Result<LiveRange> open(Clients& clients, runtime::GrantTable& grants, const ClientMemory& memory) {
        auto view = TESSERA_TRY(clients.map(memory));
        runtime::Grant grant = TESSERA_TRY(grants.mappable(endpoints::any, view->bytes()));
        return LiveRange(std::move(view), std::move(grant));
    }

    std::span<const std::byte> bytes() const { return view_->bytes(); }
    GrantId grant() const { return grant_.id(); }

    // Assigning would end the old view before its grant.
    LiveRange(LiveRange&&) = default;
    LiveRange& operator=(LiveRange&&) = delete;

private:
    LiveRange(std::unique_ptr<ClientView> view, runtime::Grant grant)
        : view_(std::move(view)),
          grant_(std::move(grant)) {}

    std::unique_ptr<ClientView> view_;
    runtime::Grant grant_; // ends before the view that it grants
};

// By the entry's key.
using LiveRanges = std::map<std::string, LiveRange, std::less<>>;

} // namespace tessera::ds
