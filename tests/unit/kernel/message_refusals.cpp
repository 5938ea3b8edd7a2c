// SPDX-License-Identifier: BSD-3-Clause
// Messages that are refused: masks, dead and special endpoints, cycles of waiting processes; and what a death does.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;

namespace {

struct Trio {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    Process& c = system.start("c");
};

constexpr std::uint64_t bit(ServiceId id) { return 1ull << id.value; }

// What makes an endpoint one to which nothing can be sent.
Endpoint unreachable(System& system, Process& dead) {
    const Endpoint endpoint = dead.endpoint;
    const Endpoint last = GENERATE(as<Endpoint>{}, endpoints::none, Endpoint{4, 2}, Endpoint{255, 1},
                                   Endpoint{process_limit, 1}, Endpoint{4, 1});
    if (last == endpoint) system.die(dead);
    return last;
}

} // namespace

TEST_CASE("messages to dead and stale endpoints are refused") {
    Trio t;
    const Endpoint to = unreachable(t.system, t.c);
    const auto primitive = GENERATE(Primitive::send, Primitive::send_nonblocking, Primitive::send_receive,
                                    Primitive::notify, Primitive::send_asynchronous);
    t.system.enter(t.a, primitive, to);
    CHECK(System::status_of(t.a) == Status::dead_endpoint);
    CHECK(t.a.runnable());
    CHECK_FALSE(t.a.awaits_reply);
    CHECK(t.system.kernel->counters.stale_endpoints == 1);
}

TEST_CASE("special endpoints are for receiving only") {
    Trio t;
    const Endpoint to = GENERATE(as<Endpoint>{}, endpoints::any, endpoints::self, endpoints::kernel,
                                 endpoints::hardware, endpoints::clock, Endpoint{Endpoint::slot_limit, 1});
    const auto primitive = GENERATE(Primitive::send, Primitive::send_nonblocking, Primitive::send_receive,
                                    Primitive::notify, Primitive::send_asynchronous);
    t.system.enter(t.a, primitive, to);
    CHECK(System::status_of(t.a) == Status::invalid);
    CHECK(t.a.runnable());
    CHECK_FALSE(t.a.awaits_reply);
    CHECK(t.system.kernel->counters.refused_calls == 1);
}

TEST_CASE("receiving from a dead or stale endpoint, or one that cannot send, is refused") {
    Trio t;
    const Endpoint from = GENERATE(as<Endpoint>{}, endpoints::none, endpoints::self, Endpoint{4, 2}, Endpoint{255, 1},
                                   Endpoint{4, 1}, Endpoint{process_limit, 1});
    if (from == t.c.endpoint) t.system.die(t.c);
    t.system.receive(t.a, from);
    CHECK(System::status_of(t.a) == Status::dead_endpoint);
    CHECK(t.a.runnable());
}

TEST_CASE("a conversation is started only with services that are in the send mask") {
    Trio t;
    t.a.privileges.send_mask = ~bit(t.b.privileges.service);
    const auto primitive = GENERATE(Primitive::send, Primitive::send_nonblocking, Primitive::send_receive,
                                    Primitive::notify, Primitive::send_asynchronous);
    const bool waits = GENERATE(false, true);
    if (waits) t.system.receive(t.b);
    t.system.enter(t.a, primitive, t.b.endpoint);
    CHECK(System::status_of(t.a) == Status::call_denied);
    CHECK(t.a.runnable());
    CHECK(t.b.first_sender == nullptr);
    CHECK(t.b.notifiers.none());
    CHECK(t.b.asynchronous.empty());
    CHECK(t.b.runnable() != waits);
    CHECK(t.system.kernel->counters.refused_calls == 1);

    t.a.privileges.send_mask = bit(t.b.privileges.service);
    t.system.notify(t.a, t.b.endpoint);
    CHECK(System::status_of(t.a) == Status::ok);
}

TEST_CASE("answering a process that waits for the answer needs no right, anything else does") {
    Trio t;
    t.b.privileges.send_mask = 0;
    t.system.send_receive(t.a, t.b.endpoint, 1);
    SECTION("before the request was taken it is no answer") {
        t.system.send(t.b, t.a.endpoint, 2);
        CHECK(System::status_of(t.b) == Status::call_denied);
    }
    SECTION("an answer") {
        t.system.receive(t.b);
        t.system.send(t.b, t.a.endpoint, 2);
        CHECK(System::status_of(t.b) == Status::ok);
        REQUIRE(t.a.runnable());
        CHECK(System::received(t.a).message.words == System::words(2).words);
        t.system.send(t.b, t.a.endpoint, 3); // once
        CHECK(System::status_of(t.b) == Status::call_denied);
    }
    SECTION("a notification is none") {
        t.system.receive(t.b);
        t.system.notify(t.b, t.a.endpoint);
        CHECK(System::status_of(t.b) == Status::call_denied);
        CHECK(t.a.notifiers.none());
    }
    SECTION("nor is a third party's message") {
        t.c.privileges.send_mask = 0;
        t.system.send(t.c, t.a.endpoint, 4);
        CHECK(System::status_of(t.c) == Status::call_denied);
    }
}

TEST_CASE("a plain receive from a process gives it no right to send") {
    Trio t;
    t.b.privileges.send_mask = 0;
    t.system.receive(t.a, t.b.endpoint);
    t.system.send(t.b, t.a.endpoint, 1);
    CHECK(System::status_of(t.b) == Status::call_denied);
    CHECK(blocked_only_by(t.a, Blocker::receiving));
}

TEST_CASE("sending to oneself, or waiting for oneself, is a deadlock") {
    Trio t;
    const auto primitive = GENERATE(Primitive::send, Primitive::send_nonblocking, Primitive::send_receive,
                                    Primitive::receive, Primitive::send_asynchronous);
    t.system.enter(t.a, primitive, t.a.endpoint);
    CHECK(System::status_of(t.a) == Status::locked);
    CHECK(t.a.runnable());
}

TEST_CASE("two processes that send to each other: the second is refused") {
    Trio t;
    t.system.enter(t.a, GENERATE(Primitive::send, Primitive::send_receive), t.b.endpoint);
    t.system.enter(t.b, GENERATE(Primitive::send, Primitive::send_receive), t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::locked);
    CHECK(t.b.runnable());
    t.system.receive(t.b);
    CHECK(System::received(t.b).source == t.a.endpoint);
}

TEST_CASE("two processes that receive from each other: the second is refused") {
    Trio t;
    t.system.receive(t.a, t.b.endpoint);
    t.system.receive(t.b, t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::locked);
    CHECK(t.b.runnable());
}

TEST_CASE("a cycle of three is refused, however each of them waits") {
    Trio t;
    const auto wait = [&](Process& process, Process& peer, int how) {
        const std::array primitives{Primitive::send, Primitive::receive, Primitive::send_receive};
        t.system.enter(process, primitives[static_cast<std::size_t>(how)], peer.endpoint);
    };
    const int first = GENERATE(0, 1, 2), second = GENERATE(0, 1, 2), third = GENERATE(0, 1, 2);
    wait(t.a, t.b, first);
    wait(t.b, t.c, second);
    REQUIRE_FALSE(t.a.runnable());
    REQUIRE_FALSE(t.b.runnable());
    wait(t.c, t.a, third);
    CHECK(System::status_of(t.c) == Status::locked);
    CHECK(t.c.runnable());
    CHECK(t.a.first_sender == nullptr);
}

TEST_CASE("one who sends and one who receives from the other are no deadlock") {
    Trio t;
    const bool sender_first = GENERATE(false, true);
    const auto send = GENERATE(Primitive::send, Primitive::send_receive);
    if (sender_first) t.system.enter(t.a, send, t.b.endpoint);
    t.system.receive(t.b, t.a.endpoint);
    if (!sender_first) t.system.enter(t.a, send, t.b.endpoint);
    CHECK(System::status_of(t.b) == Status::ok);
    REQUIRE(t.b.runnable());
    CHECK(System::received(t.b).source == t.a.endpoint);
}

TEST_CASE("a pending notification is no deadlock, although its source waits") {
    Trio t;
    t.system.notify(t.a, t.b.endpoint);
    t.system.receive(t.a, t.b.endpoint);
    REQUIRE_FALSE(t.a.runnable());
    t.system.receive(t.b, t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::ok);
    REQUIRE(t.b.runnable());
    CHECK(System::received(t.b).kind == MessageKind::notification);
    t.system.receive(t.b, t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::locked);
}

TEST_CASE("notifying closes no cycle: it never waits") {
    Trio t;
    t.system.send(t.a, t.b.endpoint);
    t.system.notify(t.b, t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::ok);
    CHECK(t.b.runnable());
}

TEST_CASE("a chain that ends at a process that runs or waits for anybody is no deadlock") {
    Trio t;
    t.system.send(t.a, t.b.endpoint);
    Process& d = t.system.start("d");
    SECTION("runs") {}
    SECTION("waits for the clock") { t.system.receive(t.b, endpoints::clock); }
    SECTION("waits for a third") { t.system.receive(t.b, d.endpoint); }
    SECTION("stopped") { t.b.block(Blocker::stopped); }
    t.system.send(t.c, t.a.endpoint);
    CHECK(blocked_only_by(t.c, Blocker::sending));
}

TEST_CASE("non-blocking primitives find no deadlock: not_ready, or the request is taken") {
    Trio t;
    t.system.send(t.a, t.b.endpoint);
    t.system.enter(t.b, Primitive::send_nonblocking, t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::not_ready);
    t.system.enter(t.b, Primitive::reply_receive, t.a.endpoint);
    REQUIRE(t.b.runnable());
    CHECK(System::received(t.b).source == t.a.endpoint);
}

TEST_CASE("a chain as long as the process table is followed to its end") {
    System system;
    std::vector<Process*> chain;
    for (std::uint32_t i = 2; i < process_limit; ++i) chain.push_back(&system.start("link"));
    for (Process* each : chain) each->privileges.send_mask = ~0ull;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) system.receive(*chain[i], chain[i + 1]->endpoint);
    system.receive(*chain.back(), chain.front()->endpoint);
    CHECK(System::status_of(*chain.back()) == Status::locked);
}

TEST_CASE("a death wakes who sends to the dead process or waits for it") {
    Trio t;
    SECTION("sending") { t.system.send(t.a, t.c.endpoint); }
    SECTION("sending, then waiting for the answer") { t.system.send_receive(t.a, t.c.endpoint); }
    SECTION("waiting for the answer") {
        t.system.receive(t.c);
        t.system.send_receive(t.a, t.c.endpoint);
    }
    SECTION("receiving from it") { t.system.receive(t.a, t.c.endpoint); }
    REQUIRE_FALSE(t.a.runnable());
    t.system.receive(t.b);
    t.system.die(t.c);
    CHECK(t.a.runnable());
    CHECK(t.a.queued);
    CHECK(System::status_of(t.a) == Status::dead_endpoint);
    CHECK(t.a.send_to == endpoints::none);
    CHECK(t.a.receive_from == endpoints::none);
    CHECK_FALSE(t.a.awaits_reply);
    CHECK(t.c.first_sender == nullptr);
    CHECK(blocked_only_by(t.b, Blocker::receiving)); // from anybody: it goes on waiting
}

TEST_CASE("a death wakes all senders and leaves the queues of others alone") {
    Trio t;
    Process& d = t.system.start("d");
    Process& e = t.system.start("e");
    t.system.send(t.a, t.c.endpoint);
    t.system.send(d, t.c.endpoint);
    t.system.send(e, t.b.endpoint, 5);
    t.system.die(t.c);
    CHECK(t.a.runnable());
    CHECK(d.runnable());
    CHECK(t.b.first_sender == &e);
    t.system.receive(t.b);
    CHECK(System::received(t.b).source == e.endpoint);
}

TEST_CASE("a sender that dies leaves the queue, whatever its place in it") {
    Trio t;
    Process& receiver = t.system.start("receiver");
    const std::array senders{&t.a, &t.b, &t.c};
    for (Process* sender : senders) t.system.send(*sender, receiver.endpoint);
    Process* dead = senders[static_cast<std::size_t>(GENERATE(0, 1, 2))];
    t.system.die(*dead);
    for (const Process* sender : senders) {
        if (sender == dead) continue;
        t.system.receive(receiver);
        CHECK(System::received(receiver).source == sender->endpoint);
    }
    t.system.receive(receiver);
    CHECK(blocked_only_by(receiver, Blocker::receiving));
}

TEST_CASE("the pending notifications of a dead process go with it, also for the next user of its slot") {
    Trio t;
    const Endpoint dead = t.c.endpoint;
    t.system.notify(t.c, t.a.endpoint);
    t.system.notify(t.a, t.c.endpoint);
    t.system.die(t.c);
    CHECK(t.a.notifiers.none());
    CHECK(t.c.notifiers.none());
    REQUIRE(t.system.call<kernel_calls::SpaceUnbind>(t.system.vm(), {dead}).has_value());
    REQUIRE(t.system.call<kernel_calls::ProcessDestroy>(t.system.rs(), {dead}).has_value());
    Process& next = t.system.start("next");
    REQUIRE(next.endpoint.slot() == dead.slot());
    t.system.receive(next);
    t.system.receive(t.a, next.endpoint);
    CHECK_FALSE(next.runnable());
    CHECK_FALSE(t.a.runnable());
}

TEST_CASE("an answer to a client that died and was replaced does not reach the stranger in its slot") {
    Trio t;
    t.system.receive(t.b);
    t.system.send_receive(t.c, t.b.endpoint, 1);
    const Endpoint client = System::received(t.b).source;
    t.system.die(t.c);
    REQUIRE(t.system.call<kernel_calls::SpaceUnbind>(t.system.vm(), {client}).has_value());
    REQUIRE(t.system.call<kernel_calls::ProcessDestroy>(t.system.rs(), {client}).has_value());
    Process& stranger = t.system.start("stranger");
    REQUIRE(stranger.endpoint.slot() == client.slot());
    t.system.receive(stranger);
    t.system.send(t.b, client, 2);
    CHECK(System::status_of(t.b) == Status::dead_endpoint);
    CHECK(blocked_only_by(stranger, Blocker::receiving));
}
