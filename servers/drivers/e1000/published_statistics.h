// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The driver's statistics, in a page that DS shows to everybody as the map entry "e1000.statistics". Nothing waits for
// DS: while it is down or restarts, the driver tries again every second and works.

#include "servers/drivers/e1000/driver.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/data_store.h"
#include "servers/runtime/log_format.h"

namespace tessera::e1000 {

class PublishedStatistics {
public:
    PublishedStatistics() = default;
    PublishedStatistics(const PublishedStatistics&) = delete;
    PublishedStatistics& operator=(const PublishedStatistics&) = delete;

    Driver::Statistics& statistics() { return page_.statistics; }

    // At the start, and at each alarm.
    void publish() {
        auto grant = data_store_.publish_map("e1000.statistics", std::as_bytes(std::span(&page_, 1)), Overwrite::allow);
        if (grant.has_value())
            grant_ = *std::move(grant);
        else if (grant.error() == Status::try_again || grant.error() == Status::dead_endpoint)
            (void)kernel_call<kernel_calls::AlarmSet>({.deadline = now() + milliseconds(1000)});
        else
            log_warning("statistics are not in the data store: {}", status_name(grant.error()));
    }

private:
    using Overwrite = protocol::ds::Overwrite;

    // Of its own, for DS shows all of it.
    struct alignas(page_bytes) Page {
        Driver::Statistics statistics{};
    };
    static_assert(sizeof(Page) == page_bytes);

    Page page_;
    runtime::GrantTable grants_;
    runtime::DataStore data_store_{grants_, protocol::rs::LookupWait::answer_now};
    runtime::Grant grant_;
};

} // namespace tessera::e1000
