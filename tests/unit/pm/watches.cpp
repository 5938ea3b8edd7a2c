// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/signals.h"
#include "tests/unit/pm/machine.h"

using namespace tessera;
using namespace tessera::pm;
using namespace tessera::pm::test;
using namespace tessera::protocol::pm;

namespace {

// A service that may watch, and a process with its child.
struct Watching : Machine {
    Endpoint watcher{201, 1};
    Endpoint parent = spawn(shell).endpoint;
    Endpoint child = fork(parent);

    Watching() { start_watcher(watcher); }
    void start_watcher(Endpoint endpoint) {
        watcher = endpoint;
        system.living.insert(endpoint);
        system.services[endpoint] = {10};
        system.may_tell.insert(endpoint);
    }
    Status watch(Endpoint process) { return call<Watch>(watcher, {process})->status(); }
    Result<WatchNext::Reply> next() { return *call<WatchNext>(watcher); }
    std::size_t told() { return static_cast<std::size_t>(std::ranges::count(system.told, watcher)); }
    std::uint64_t notifications() { return (*call<Statistics>(shell))->watch_notifications; }
    void signal(Endpoint process) {
        system.signal_effect = kernel_calls::SignalEffect::delivered;
        CHECK(call<Kill>(shell, {.process_id = id_of(process).value, .signal = Signal::user_1})->has_value());
    }
};

} // namespace

TEST_CASE_METHOD(Watching, "who may watch is a service that PM may tell") {
    CHECK(call<Watch>(shell, {child})->status() == Status::not_permitted);
    CHECK(call<Watch>(parent, {child})->status() == Status::not_permitted);
    system.may_tell.insert(parent);
    CHECK(call<Watch>(parent, {child})->status() == Status::not_permitted); // no service
    CHECK(watch(Endpoint(99, 1)) == Status::no_such);
    CHECK(watch(child) == Status::ok);
    CHECK(watch(child) == Status::ok);
    CHECK((*call<Statistics>(shell))->watched == 1);
}

TEST_CASE_METHOD(Watching, "a process that nobody watches costs nobody a notification") {
    CHECK(watch(child) == Status::ok);
    const auto before = told();
    signal(parent);
    die(parent);
    CHECK(told() == before);
    CHECK(notifications() == 0);
}

TEST_CASE_METHOD(Watching, "a death is told, and holds the slot until it was fetched") {
    CHECK(watch(child) == Status::ok);
    CHECK(!call<Wait>(parent).has_value());
    die(child);
    CHECK(notifications() == 1);
    CHECK(system.slots_destroyed.empty()); // though the parent was told
    CHECK(call<Wait>(parent)->status() == Status::no_such);
    const auto event = next();
    CHECK(event->process == child);
    CHECK(event->event == WatchEvent::death);
    CHECK(system.slots_destroyed == std::vector{child});
    CHECK(next().status() == Status::no_entry);
}

TEST_CASE_METHOD(Watching, "what was fetched stays the parent's to wait for") {
    CHECK(watch(child) == Status::ok);
    die(child, DeathCause::exited, 3);
    CHECK(next()->event == WatchEvent::death);
    CHECK(system.slots_destroyed.empty());
    CHECK((*call<Wait>(parent))->detail == 3);
    CHECK(system.slots_destroyed == std::vector{child});
}

TEST_CASE_METHOD(Watching, "signals are told once until they were fetched; those that are not handled are not") {
    CHECK(watch(child) == Status::ok);
    signal(child);
    signal(child);
    CHECK(next()->event == WatchEvent::signal);
    CHECK(next().status() == Status::no_entry);
    const auto before = notifications();
    system.signal_effect = kernel_calls::SignalEffect::held_back;
    CHECK(call<Kill>(shell, {.process_id = id_of(child).value, .signal = Signal::user_1})->has_value());
    CHECK(notifications() == before);
    signal(child);
    die(child);
    CHECK(next()->event == WatchEvent::death); // which covers the signal
    CHECK(next().status() == Status::no_entry);
}

TEST_CASE_METHOD(Watching, "unwatch ends it, for a dead process too") {
    CHECK(watch(child) == Status::ok);
    CHECK(watch(parent) == Status::ok);
    CHECK(call<Unwatch>(watcher, {child})->has_value());
    die(child);
    CHECK(notifications() == 0);
    system.living.erase(shell);
    die(parent);
    CHECK(system.slots_destroyed == std::vector{child}); // the parent is watched
    CHECK(call<Unwatch>(watcher, {parent})->has_value());
    CHECK(system.slots_destroyed.size() == 2);
}

TEST_CASE_METHOD(Watching, "a watcher that died holds nothing, and its successor begins anew") {
    CHECK(watch(child) == Status::ok);
    system.living.erase(watcher);
    die(child);
    CHECK((*call<Wait>(parent))->process_id == id_of(child).value);
    CHECK(system.slots_destroyed == std::vector{child});

    const Endpoint other = fork(parent), another = fork(parent);
    start_watcher({202, 1});
    CHECK(watch(other) == Status::ok);
    system.living.erase(watcher);
    start_watcher({203, 1});
    CHECK(watch(another) == Status::ok);
    CHECK((*call<Statistics>(shell))->watched == 1);
    signal(other);
    CHECK(next().status() == Status::no_entry);
}

TEST_CASE_METHOD(Watching, "watches outlive a restart of PM, and what was not fetched is told again") {
    CHECK(watch(child) == Status::ok);
    die(child);
    const auto before = told();
    restart();
    CHECK(told() == before + 1);
    CHECK(next()->process == child);
    CHECK(next().status() == Status::no_entry);
}
