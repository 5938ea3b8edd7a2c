// SPDX-License-Identifier: BSD-3-Clause
// The rules of asynchronous messages.

#include "kernel/abi/calls/messages.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using kernel_calls::MessageNextLost;

namespace {

struct Trio {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    Process& c = system.start("c");

    void send(Process& from, const Process& to, std::uint64_t word) {
        system.enter(from, Primitive::send_asynchronous, to.endpoint, System::words(word));
        REQUIRE(from.runnable());
    }
};

void check_received(const Process& process, const Process& source, std::uint64_t word) {
    REQUIRE(process.runnable());
    const Received received = System::received(process);
    CHECK(received.kind == MessageKind::asynchronous);
    CHECK(received.source == source.endpoint);
    CHECK(received.message.words == System::words(word).words);
}

} // namespace

TEST_CASE("an asynchronous message to a process that waits arrives at once") {
    Trio t;
    t.system.receive(t.b, GENERATE(false, true) ? endpoints::any : t.a.endpoint);
    t.send(t.a, t.b, 7);
    CHECK(System::status_of(t.a) == Status::ok);
    check_received(t.b, t.a, 7);
    CHECK(t.a.asynchronous_count == 0);
    CHECK(t.a.messages_sent == 1);
}

TEST_CASE("one to a busy process is kept, and the sender goes on") {
    Trio t;
    t.send(t.a, t.b, 1);
    t.send(t.a, t.b, 2);
    CHECK(t.a.asynchronous_count == 2);
    CHECK(t.a.messages_sent == 0);
    t.system.receive(t.b);
    check_received(t.b, t.a, 1);
    t.system.receive(t.b);
    check_received(t.b, t.a, 2);
    CHECK(t.a.asynchronous_count == 0);
    t.system.receive(t.b);
    CHECK(blocked_only_by(t.b, Blocker::receiving));
}

TEST_CASE("a receive brings notifications, then asynchronous messages, then those of blocked senders") {
    Trio t;
    t.system.send(t.a, t.b.endpoint, 1);
    t.send(t.c, t.b, 2);
    t.system.notify(t.c, t.b.endpoint);
    t.system.receive(t.b);
    CHECK(System::received(t.b).kind == MessageKind::notification);
    t.system.receive(t.b);
    check_received(t.b, t.c, 2);
    t.system.receive(t.b);
    CHECK(System::received(t.b).kind == MessageKind::message);
}

TEST_CASE("a send does not overtake what the same sender sent asynchronously before") {
    Trio t;
    t.send(t.a, t.b, 1);
    t.system.send(t.a, t.b.endpoint, 2);
    CHECK(blocked_only_by(t.a, Blocker::sending));
    t.system.receive(t.b);
    check_received(t.b, t.a, 1);
    t.system.receive(t.b, t.a.endpoint);
    CHECK(System::received(t.b).kind == MessageKind::message);
}

TEST_CASE("a receive from one process takes its messages only") {
    Trio t;
    t.send(t.a, t.b, 1);
    t.send(t.c, t.b, 2);
    t.send(t.a, t.b, 3);
    t.system.receive(t.b, t.c.endpoint);
    check_received(t.b, t.c, 2);
    t.system.receive(t.b, t.a.endpoint);
    check_received(t.b, t.a, 1);
    t.system.receive(t.b);
    check_received(t.b, t.a, 3);
}

TEST_CASE("an asynchronous message is never the answer that a process waits for") {
    Trio t;
    const bool sent_before = GENERATE(false, true);
    if (sent_before) t.send(t.b, t.a, 9);
    t.system.receive(t.b);
    t.system.send_receive(t.a, t.b.endpoint, 1);
    if (!sent_before) t.send(t.b, t.a, 9);
    CHECK(blocked_only_by(t.a, Blocker::receiving));
    t.system.send(t.b, t.a.endpoint, 2);
    REQUIRE(t.a.runnable());
    CHECK(System::received(t.a).kind == MessageKind::message);
    t.system.receive(t.a);
    check_received(t.a, t.b, 9);
}

TEST_CASE("a kept message is no deadlock, although its sender waits for the receiver") {
    Trio t;
    t.send(t.a, t.b, 1);
    t.system.receive(t.a, t.b.endpoint);
    t.system.receive(t.b, t.a.endpoint);
    check_received(t.b, t.a, 1);
    t.system.receive(t.b, t.a.endpoint);
    CHECK(System::status_of(t.b) == Status::locked);
}

TEST_CASE("a sender may have sixteen messages kept; it is told when there is room again") {
    Trio t;
    for (std::uint32_t i = 0; i < asynchronous_limit; ++i) t.send(t.a, i % 2 == 0 ? t.b : t.c, i);
    CHECK(System::status_of(t.a) == Status::ok);
    t.send(t.a, t.b, 99);
    CHECK(System::status_of(t.a) == Status::try_again);
    t.send(t.c, t.b, 50); // others are not concerned
    CHECK(System::status_of(t.c) == Status::ok);
    t.system.receive(t.a);
    CHECK(blocked_only_by(t.a, Blocker::receiving));
    t.system.receive(t.b);
    check_received(t.b, t.a, 0);
    REQUIRE(t.a.runnable());
    CHECK(System::received(t.a).source == endpoints::kernel);
    CHECK(System::received(t.a).message.words[1] == 1ull << static_cast<unsigned>(KernelEvent::asynchronous_room));
    t.send(t.a, t.b, 99);
    CHECK(System::status_of(t.a) == Status::ok);
    t.system.receive(t.b); // it did not ask again: it is not told again
    t.system.receive(t.a);
    CHECK(blocked_only_by(t.a, Blocker::receiving));
}

TEST_CASE("when the receiver dies its messages are lost, and the sender can fetch them") {
    Trio t;
    t.send(t.a, t.b, 1);
    t.send(t.a, t.c, 2);
    t.send(t.a, t.b, 3);
    const Endpoint dead = t.b.endpoint;
    t.system.die(t.b);
    t.system.receive(t.a, endpoints::kernel);
    REQUIRE(t.a.runnable());
    CHECK(System::received(t.a).message.words[1] == 1ull << static_cast<unsigned>(KernelEvent::message_lost));
    CHECK(t.a.asynchronous_count == 3);
    for (const std::uint64_t word : {1, 3}) {
        const auto lost = t.system.call<MessageNextLost>(t.a);
        REQUIRE(lost.has_value());
        CHECK(lost->receiver == dead);
        CHECK(lost->words[0] == word);
    }
    CHECK(t.system.call<MessageNextLost>(t.a).status() == Status::no_entry);
    CHECK(t.a.asynchronous_count == 1);
    t.system.receive(t.c);
    check_received(t.c, t.a, 2);
}

TEST_CASE("the messages of a sender that died are gone, lost ones too, and do not come from the next in its slot") {
    Trio t;
    const Endpoint sender = t.a.endpoint;
    t.send(t.a, t.b, 1);
    t.send(t.a, t.c, 2);
    t.send(t.c, t.b, 3);
    t.system.die(t.c);
    t.system.die(t.a);
    REQUIRE(t.system.call<kernel_calls::SpaceUnbind>(t.system.vm(), {sender}).has_value());
    REQUIRE(t.system.call<kernel_calls::ProcessDestroy>(t.system.rs(), {sender}).has_value());
    Process& next = t.system.start("next");
    REQUIRE(next.endpoint.slot() == sender.slot());
    CHECK(t.system.call<MessageNextLost>(next).status() == Status::no_entry);
    CHECK(next.asynchronous_count == 0);
    t.system.receive(t.b);
    CHECK(blocked_only_by(t.b, Blocker::receiving));
}

TEST_CASE("no use of the store by some leaves less of it, over many lives") {
    Trio t;
    for (std::size_t round = 0; round < 3 * asynchronous_messages; ++round) {
        Process& sender = t.system.start("sender");
        for (std::uint32_t i = 0; i < asynchronous_limit; ++i) t.send(sender, t.b, i);
        REQUIRE(System::status_of(sender) == Status::ok);
        const Endpoint endpoint = sender.endpoint;
        t.system.die(sender);
        REQUIRE(t.system.call<kernel_calls::SpaceUnbind>(t.system.vm(), {endpoint}).has_value());
        REQUIRE(t.system.call<kernel_calls::ProcessDestroy>(t.system.rs(), {endpoint}).has_value());
    }
}

TEST_CASE("user processes may not send asynchronously: the primitive is not in their mask") {
    Trio t;
    t.a.set_privileges({.send_mask = ~0ull, .primitive_mask = user_primitives});
    t.system.enter(t.a, Primitive::send_asynchronous, t.b.endpoint);
    CHECK(System::status_of(t.a) == Status::primitive_denied);
    CHECK(t.b.asynchronous.empty());
}
