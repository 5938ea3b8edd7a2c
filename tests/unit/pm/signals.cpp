// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/signals.h"
#include "tests/unit/pm/machine.h"

using namespace tessera;
using namespace tessera::pm;
using namespace tessera::pm::test;
using namespace tessera::protocol::pm;
using kernel_calls::SignalEffect;

namespace {

struct Signals : Machine {
    Status signal(Endpoint caller, Endpoint target, Signal signal = Signal::user_1) {
        return call<Kill>(caller, {.process_id = id_of(target).value, .signal = signal})->status();
    }
};

} // namespace

TEST_CASE_METHOD(Signals, "a process may signal its family, a service anybody") {
    const Endpoint child = spawn(shell).endpoint;
    const Endpoint grandchild = fork(child), other = fork(child);
    const Endpoint stranger = spawn(shell).endpoint;
    CHECK(signal(stranger, grandchild) == Status::not_permitted);
    CHECK(signal(child, stranger) == Status::not_permitted);
    for (const Endpoint target : {child, grandchild, other}) CHECK(signal(grandchild, target) == Status::ok);
    CHECK(signal(shell, grandchild) == Status::ok);
    CHECK(signal(shell, Endpoint(99, 1)) == Status::no_such);
    CHECK(system.signals.size() == 4);
    die(child); // who lost a parent is a family of its own
    CHECK(signal(grandchild, other) == Status::not_permitted);
    CHECK(signal(grandchild, grandchild) == Status::ok);
}

TEST_CASE_METHOD(Signals, "kill ends a process, and again does no harm") {
    const Endpoint child = spawn(shell).endpoint;
    CHECK(signal(shell, child, Signal::kill) == Status::ok);
    CHECK(signal(shell, child, Signal::kill) == Status::ok);
    service->notified(endpoints::kernel, {.pending = 1});
    CHECK(signal(shell, child, Signal::kill) == Status::ok); // a zombie can be signalled
    CHECK(signal(shell, child, Signal::user_1) == Status::ok);
    CHECK(system.signals.empty());
    CHECK((*call<Wait>(shell))->cause == DeathCause::killed);
}

TEST_CASE_METHOD(Signals, "signal 0 only asks; an unknown one is refused") {
    const Endpoint child = spawn(shell).endpoint;
    CHECK(signal(shell, child, Signal::none) == Status::ok);
    CHECK(system.signals.empty());
    CHECK(signal(shell, child, static_cast<Signal>(65)) == Status::invalid);
}

TEST_CASE_METHOD(Signals, "a parent is told of a child's death, after the answer that it waits for") {
    const Endpoint parent = spawn(shell).endpoint;
    const Endpoint child = fork(parent);
    system.signal_effect = SignalEffect::delivered;
    CHECK(!call<Wait>(parent).has_value());
    die(child, DeathCause::exited, 3);
    CHECK(system.answered<Wait>(1).detail == 3);
    CHECK(system.answers.size() == 2); // no EINTR besides
    CHECK(system.signals == std::vector{std::pair{parent, Signal::child}});
    die(parent);
    CHECK(system.signals.size() == 1); // services get no signals
}

TEST_CASE_METHOD(Signals, "a signal that is handled ends a wait, one that is not does not") {
    const Endpoint parent = spawn(shell).endpoint;
    const Endpoint child = fork(parent);
    CHECK(!call<Wait>(parent).has_value());
    system.signal_effect = SignalEffect::held_back;
    CHECK(signal(shell, parent) == Status::ok);
    CHECK(system.answers.size() == 1); // that of fork
    system.signal_effect = SignalEffect::delivered;
    CHECK(signal(shell, parent) == Status::ok);
    REQUIRE(system.answers.size() == 2);
    CHECK(system.answers[1].second.words[0] == runtime::error_message(Status::interrupted).words[0]);
    die(child);
    CHECK(system.answers.size() == 2); // nobody waits any more
    CHECK((*call<Wait>(parent))->process_id == id_of(child).value);
}

TEST_CASE_METHOD(Signals, "another child's death interrupts the wait for one") {
    const Endpoint parent = spawn(shell).endpoint;
    const Endpoint one = fork(parent), other = fork(parent);
    CHECK(!call<Wait>(parent, {.process_id = id_of(one).value}).has_value());
    system.signal_effect = SignalEffect::delivered;
    die(other);
    CHECK(system.answers.back().second.words[0] == runtime::error_message(Status::interrupted).words[0]);
    CHECK((*call<Wait>(parent))->process_id == id_of(other).value);
}
