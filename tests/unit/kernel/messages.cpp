// SPDX-License-Identifier: BSD-3-Clause
// The rules of the message primitives: sending, receiving, order, notifications.

#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;

namespace {

struct Pair {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
};

void check_message(const Process& process, const Process& source, std::uint64_t word) {
    REQUIRE(process.runnable());
    const Received received = System::received(process);
    CHECK(received.kind == MessageKind::message);
    CHECK(received.source == source.endpoint);
    CHECK(received.message.words == System::words(word).words);
}

void check_notification(const Process& process, Endpoint source) {
    REQUIRE(process.runnable());
    CHECK(System::received(process).kind == MessageKind::notification);
    CHECK(System::received(process).source == source);
}

} // namespace

TEST_CASE("send to a receiver that waits for it, or for anybody, delivers at once") {
    Pair p;
    p.system.receive(p.b, GENERATE(as<Endpoint>{}, endpoints::any, Endpoint{2, 1}));
    CHECK(blocked_only_by(p.b, Blocker::receiving));
    p.system.send(p.a, p.b.endpoint, 7);
    CHECK(p.a.runnable());
    CHECK(System::status_of(p.a) == Status::ok);
    check_message(p.b, p.a, 7);
    CHECK(p.system.kernel->counters.messages == 1);
    CHECK(p.a.messages_sent == 1);
}

TEST_CASE("send to a busy receiver blocks until the receiver takes the message") {
    Pair p;
    p.system.send(p.a, p.b.endpoint, 7);
    CHECK(blocked_only_by(p.a, Blocker::sending));
    CHECK_FALSE(p.a.queued);
    CHECK(p.system.kernel->counters.messages == 0);
    p.system.receive(p.b);
    check_message(p.b, p.a, 7);
    CHECK(p.a.runnable());
    CHECK(p.a.queued);
    CHECK(System::status_of(p.a) == Status::ok);
    CHECK(p.system.kernel->counters.messages == 1);
}

TEST_CASE("a receiver that waits for another process does not take the message") {
    Pair p;
    Process& c = p.system.start("c");
    p.system.receive(p.b, c.endpoint);
    p.system.send(p.a, p.b.endpoint, 1);
    CHECK(blocked_only_by(p.a, Blocker::sending));
    CHECK(blocked_only_by(p.b, Blocker::receiving));
    p.system.send(c, p.b.endpoint, 2);
    check_message(p.b, c, 2);
    CHECK(blocked_only_by(p.a, Blocker::sending));
    p.system.receive(p.b);
    check_message(p.b, p.a, 1);
}

TEST_CASE("senders are served in the order in which they came") {
    System system;
    Process& receiver = system.start("receiver");
    std::vector<Process*> senders;
    for (int i = 0; i < 4; ++i) senders.push_back(&system.start("sender"));
    for (const int i : {2, 0, 3, 1}) system.send(*senders[static_cast<std::size_t>(i)], receiver.endpoint, 10);
    for (const int i : {2, 0, 3, 1}) {
        system.receive(receiver);
        check_message(receiver, *senders[static_cast<std::size_t>(i)], 10);
    }
}

TEST_CASE("a receive from one process passes over the senders before it, who keep their order") {
    System system;
    Process& receiver = system.start("receiver");
    Process& a = system.start("a");
    Process& b = system.start("b");
    Process& c = system.start("c");
    for (Process* sender : {&a, &b, &c}) system.send(*sender, receiver.endpoint, sender->endpoint.slot());
    const Process& chosen = GENERATE(0, 1, 2) == 0 ? a : (GENERATE(0, 1) == 0 ? b : c);
    system.receive(receiver, chosen.endpoint);
    check_message(receiver, chosen, chosen.endpoint.slot());
    for (Process* sender : {&a, &b, &c}) {
        if (sender == &chosen) continue;
        system.receive(receiver);
        check_message(receiver, *sender, sender->endpoint.slot());
    }
    CHECK(receiver.first_sender == nullptr);
    CHECK(receiver.last_sender == nullptr);
}

TEST_CASE("send_nonblocking delivers to a waiting receiver and otherwise answers not_ready") {
    Pair p;
    p.system.enter(p.a, Primitive::send_nonblocking, p.b.endpoint, System::words(3));
    CHECK(System::status_of(p.a) == Status::not_ready);
    CHECK(p.a.runnable());
    CHECK(p.b.first_sender == nullptr);
    p.system.receive(p.b);
    p.system.enter(p.a, Primitive::send_nonblocking, p.b.endpoint, System::words(4));
    CHECK(System::status_of(p.a) == Status::ok);
    check_message(p.b, p.a, 4);
}

TEST_CASE("send_receive sends and waits for the answer of that same process") {
    Pair p;
    const bool server_waits = GENERATE(false, true);
    if (server_waits) p.system.receive(p.b);
    p.system.send_receive(p.a, p.b.endpoint, 5);
    if (!server_waits) {
        CHECK(blocked_only_by(p.a, Blocker::sending, Blocker::receiving));
        p.system.receive(p.b);
    }
    check_message(p.b, p.a, 5);
    CHECK(blocked_only_by(p.a, Blocker::receiving));
    p.system.send(p.b, p.a.endpoint, 6);
    CHECK(p.b.runnable());
    check_message(p.a, p.b, 6);
    CHECK_FALSE(p.a.awaits_reply);
}

TEST_CASE("a process that waits for an answer takes no notification and no third party") {
    Pair p;
    Process& c = p.system.start("c");
    p.system.receive(p.b);
    p.system.send_receive(p.a, p.b.endpoint, 5);
    p.system.notify(p.b, p.a.endpoint);
    p.system.notify(c, p.a.endpoint);
    p.system.kernel->messages.notify_alarm(p.a);
    p.system.kernel->messages.notify_interrupt(p.a, {3});
    p.system.kernel->messages.notify_event(p.a, KernelEvent::process_died);
    p.system.send(c, p.a.endpoint, 1);
    CHECK(blocked_only_by(p.a, Blocker::receiving));
    CHECK(blocked_only_by(c, Blocker::sending));
    p.system.send(p.b, p.a.endpoint, 6);
    check_message(p.a, p.b, 6);

    for (const Endpoint source : {endpoints::hardware, endpoints::clock, endpoints::kernel, p.b.endpoint, c.endpoint}) {
        p.system.receive(p.a);
        check_notification(p.a, source);
    }
    p.system.receive(p.a);
    check_message(p.a, c, 1);
}

TEST_CASE("a plain receive from one process takes its notification, but not those of others") {
    Pair p;
    Process& c = p.system.start("c");
    p.system.receive(p.a, p.b.endpoint);
    p.system.notify(c, p.a.endpoint);
    p.system.kernel->messages.notify_alarm(p.a);
    CHECK(blocked_only_by(p.a, Blocker::receiving));
    p.system.notify(p.b, p.a.endpoint);
    check_notification(p.a, p.b.endpoint);
}

TEST_CASE("a receive brings notifications before messages, hardware, clock, kernel, then processes by slot") {
    Pair p;
    Process& c = p.system.start("c");
    Process& receiver = p.system.start("receiver");
    p.system.send(p.a, receiver.endpoint, 1);
    p.system.notify(c, receiver.endpoint);
    p.system.notify(p.b, receiver.endpoint);
    p.system.kernel->messages.notify_event(receiver, KernelEvent::log_grew);
    p.system.kernel->messages.notify_alarm(receiver);
    p.system.kernel->messages.notify_interrupt(receiver, {1});
    for (const Endpoint source : {endpoints::hardware, endpoints::clock, endpoints::kernel, p.b.endpoint, c.endpoint}) {
        p.system.receive(receiver);
        check_notification(receiver, source);
    }
    p.system.receive(receiver);
    check_message(receiver, p.a, 1);
}

TEST_CASE("a receive from a special source takes that alone") {
    const auto [source, other] = GENERATE(table<Endpoint, Endpoint>({
        {endpoints::hardware, endpoints::clock},
        {endpoints::clock, endpoints::kernel},
        {endpoints::kernel, endpoints::hardware},
    }));
    Pair p;
    auto& messages = p.system.kernel->messages;
    const auto raise = [&](Endpoint which) {
        if (which == endpoints::hardware)
            messages.notify_interrupt(p.a, {2});
        else if (which == endpoints::clock)
            messages.notify_alarm(p.a);
        else
            messages.notify_event(p.a, KernelEvent::process_died);
    };
    p.system.receive(p.a, source);
    p.system.notify(p.b, p.a.endpoint);
    p.system.send(p.b, p.a.endpoint, 1);
    raise(other);
    CHECK(blocked_only_by(p.a, Blocker::receiving));
    raise(source);
    check_notification(p.a, source);
    p.system.receive(p.a);
    check_notification(p.a, other);
}

TEST_CASE("notify never blocks, coalesces and carries no words but the time") {
    Pair p;
    p.a.context.message = System::words(99);
    for (int i = 0; i < 3; ++i) {
        p.system.enter(p.a, Primitive::notify, p.b.endpoint, System::words(99));
        CHECK(p.a.runnable());
        CHECK(System::status_of(p.a) == Status::ok);
    }
    p.system.machine.counter = {4242};
    p.system.receive(p.b);
    check_notification(p.b, p.a.endpoint);
    const auto words = System::received(p.b).message.words;
    CHECK(words == decltype(words){4242, 0, 0, 0, 0, 0, 0, 0});
    CHECK(p.system.kernel->counters.notifications == 1);
    p.system.receive(p.b);
    CHECK(blocked_only_by(p.b, Blocker::receiving));
}

TEST_CASE("a notification wakes a receiver that waits for it") {
    Pair p;
    p.system.receive(p.b, GENERATE(as<Endpoint>{}, endpoints::any, Endpoint{2, 1}));
    p.system.notify(p.a, p.b.endpoint);
    check_notification(p.b, p.a.endpoint);
}

TEST_CASE("a process can notify itself") {
    Pair p;
    p.system.notify(p.a, p.a.endpoint);
    p.system.receive(p.a);
    check_notification(p.a, p.a.endpoint);
}

TEST_CASE("pending interrupt lines and events are handed over together, once") {
    Pair p;
    p.system.kernel->messages.notify_event(p.a, KernelEvent::process_died);
    p.system.kernel->messages.notify_event(p.a, KernelEvent::log_grew);
    p.system.kernel->messages.notify_event(p.a, KernelEvent::log_grew);
    p.system.receive(p.a);
    CHECK(unpack<NotificationMessage>(System::received(p.a).message).pending == 3);
    p.system.receive(p.a);
    CHECK_FALSE(p.a.runnable());
}

TEST_CASE("reply_receive answers the client and takes the next request in one entry") {
    Pair p;
    Process& next = p.system.start("next");
    p.system.receive(p.b);
    p.system.send_receive(p.a, p.b.endpoint, 1);
    p.system.send_receive(next, p.b.endpoint, 2);
    p.system.enter(p.b, Primitive::reply_receive, p.a.endpoint, System::words(11));
    check_message(p.a, p.b, 11);
    check_message(p.b, next, 2);
    p.system.enter(p.b, Primitive::reply_receive, next.endpoint, System::words(12));
    check_message(next, p.b, 12);
    CHECK(blocked_only_by(p.b, Blocker::receiving));
}

TEST_CASE("reply_receive goes on when the client is gone, does not wait, or never was") {
    Pair p;
    Process& other = p.system.start("other");
    const Endpoint client =
        GENERATE(as<Endpoint>{}, Endpoint{2, 1}, Endpoint{2, 7}, endpoints::none, endpoints::any, Endpoint{3, 1});
    const bool dead = GENERATE(false, true);
    if (dead) p.system.die(p.a);
    p.system.enter(p.b, Primitive::reply_receive, client, System::words(11));
    CHECK(blocked_only_by(p.b, Blocker::receiving));
    CHECK(p.b.receive_from == endpoints::any);
    p.system.send(other, p.b.endpoint, 3);
    check_message(p.b, other, 3);
}

TEST_CASE("a stopped receiver takes messages, but runs only when it is started") {
    Pair p;
    p.system.receive(p.b);
    p.b.block(Blocker::stopped);
    p.system.send(p.a, p.b.endpoint, 1);
    CHECK(p.a.runnable());
    CHECK(blocked_only_by(p.b, Blocker::stopped));
    CHECK_FALSE(p.b.queued);
}

TEST_CASE("a process that was not started yet can be sent to and notified") {
    Pair p;
    Process& later = **p.system.kernel->processes.create(Name{"later"});
    p.system.notify(p.a, later.endpoint);
    p.system.send(p.a, later.endpoint, 1);
    CHECK(blocked_only_by(p.a, Blocker::sending));
    CHECK(later.first_sender == &p.a);
    CHECK(later.notifiers.test(p.a.endpoint.slot()));
}

TEST_CASE("the result of a message carries the sender's words and nothing of the receiver's") {
    Pair p;
    Message request;
    for (std::size_t i = 0; i < message_words; ++i) request.words[i] = 0x1111'1111'1111'1111 * (i + 1);
    p.b.context.message = System::words(0xbad);
    p.system.receive(p.b);
    p.system.enter(p.a, Primitive::send, p.b.endpoint, request);
    CHECK(p.b.context.message.words == request.words);
    CHECK(p.b.context.operation == 0);
    CHECK(p.b.context.peer == p.a.endpoint.value());
}
