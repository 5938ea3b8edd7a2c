// SPDX-License-Identifier: BSD-3-Clause
// A service that PM tells of single processes, as the IPC server will be: this one stands in for it.

#include "tests/target/child.h"
#include "tests/target/test.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::pm;

struct Pm {
    runtime::ServiceConnection<PmProtocol> connection{"pm"};

    Status watch(Endpoint process) { return connection.call<Watch>({.process = process}).status(); }
    Result<WatchNext::Reply> next() { return connection.call<WatchNext>(); }
    Statistics::Reply statistics() { return require_value(connection.call<Statistics>()); }
    // Takes the notification that is there already.
    void require_told() {
        const auto received = require_value(receive(require_value(connection.endpoint())));
        require(received.kind == MessageKind::notification, "PM tells");
    }
};

void death_is_told(Environment&) {
    Pm pm;
    Child child;
    require_status(pm.watch(child.endpoint()), Status::ok, "watch");
    pm.require_told(); // of the first watch, as a trial
    const auto before = pm.statistics();
    require_value(child.kill());
    (void)child.wait();
    pm.require_told();
    const auto event = require_value(pm.next());
    require(event.process == child.endpoint() && event.event == WatchEvent::death, "the death of the child");
    require_status(pm.next().status(), Status::no_entry, "nothing more");
    const auto after = pm.statistics();
    require_equal(after.watch_notifications, before.watch_notifications + 1, "notifications");
    require_equal(after.watched, 0u, "processes that are watched");
    require_status(pm.watch(child.endpoint()), Status::no_such, "a watch of the dead");
}

// Its slot is taken until the death was fetched: no other process can have the endpoint's slot.
void slot_is_held(Environment&) {
    Pm pm;
    Child child;
    require_status(pm.watch(child.endpoint()), Status::ok, "watch");
    require_value(child.kill());
    (void)child.wait();
    std::array<Child, 4> others;
    for (const Child& other : others) require(other.endpoint().slot() != child.endpoint().slot(), "another slot");
    pm.require_told();
    require(require_value(pm.next()).process == child.endpoint(), "the child");
    require_equal(Child().endpoint().slot(), child.endpoint().slot(), "the slot is free again");
}

void unwatched_cost_nothing(Environment&) {
    Pm pm;
    const auto before = pm.statistics();
    for (int i = 0; i < 5; ++i) {
        Child child;
        require_value(child.kill());
        (void)child.wait();
    }
    require_equal(pm.statistics().watch_notifications, before.watch_notifications, "notifications");
    require_status(pm.next().status(), Status::no_entry, "nothing to fetch");
}

constexpr std::array tests{
    Test{"watch.death", death_is_told},
    Test{"watch.slot", slot_is_held},
    Test{"watch.nobody", unwatched_cost_nothing},
};

} // namespace

std::span<const Test> watch_tests() { return tests; }

} // namespace tessera::target
