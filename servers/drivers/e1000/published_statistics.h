// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The driver's statistics, in a page that DS shows to everybody as the map entry "e1000.statistics". The driver does
// not wait until DS is up: it works, and tries again every second. It does wait for an answer of a DS that is up, for
// at most as long as RS lets DS be silent.

#include "kernel/abi/strong.h"
#include "servers/drivers/e1000/driver.h"

namespace tessera::e1000 {

// What this needs of the system. Tests bring their own.
class Publication {
public:
    virtual ~Publication() = default;
    // Shows whole pages as long as this lives; again: those alone. Errors: those of DS's PublishMap, and try_again or
    // dead_endpoint while DS is down.
    virtual Completion show(std::span<const std::byte> pages) = 0;
    // An alarm. Errors: none that trying again mends.
    virtual void wake_after(Nanoseconds delay) = 0;
};

class PublishedStatistics {
public:
    explicit PublishedStatistics(Publication& publication) : publication_(publication) {}
    PublishedStatistics(const PublishedStatistics&) = delete;
    PublishedStatistics& operator=(const PublishedStatistics&) = delete;

    Driver::Statistics& statistics() { return page_.statistics; }

    // At the start, and at each alarm. Errors: those that trying again does not mend. After any other there will be an
    // alarm.
    Completion publish() {
        const Completion shown = publication_.show(std::as_bytes(std::span(&page_, 1)));
        if (shown.has_value() || is_final(shown.error())) return shown;
        publication_.wake_after(retry_delay);
        return Done{};
    }

    static constexpr Nanoseconds retry_delay{1'000'000'000};

private:
    static bool is_final(Status status) {
        return status == Status::not_permitted || status == Status::invalid || status == Status::access_denied;
    }

    // Of its own, with every byte of it set: DS shows all of it.
    struct alignas(page_bytes) Page {
        Driver::Statistics statistics{};
        std::array<std::byte, page_bytes - sizeof(Driver::Statistics)> rest{};
    };
    static_assert(sizeof(Page) == page_bytes);

    Page page_;
    Publication& publication_;
};

} // namespace tessera::e1000
