// SPDX-License-Identifier: BSD-3-Clause
// Asynchronous messages: order, limits, what becomes of them when their receiver or sender dies; and what becomes of a
// process that computes for long.

#include "kernel/abi/calls/messages.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/privileges.h"
#include "servers/protocols/pm.h"
#include "servers/runtime/clock.h"
#include "tests/target/child.h"
#include "tests/target/partner.h"
#include "tests/target/test.h"

namespace tessera::target {

namespace {

std::uint64_t event_bit(KernelEvent event) { return 1ull << static_cast<std::uint32_t>(event); }

// The next notification of the kernel tells of this event alone.
void require_event(KernelEvent event) {
    const auto received = require_value(receive(endpoints::kernel));
    require_equal(unpack<NotificationMessage>(received.message).pending, event_bit(event), "event");
}

// Nothing is there to receive: the next thing that arrives is the alarm.
void require_silence() {
    require_value(kernel_call<kernel_calls::AlarmSet>({.deadline = now() + milliseconds(5)}));
    require(require_value(receive()).source == endpoints::clock, "nothing else is pending");
}

void order_of_receiving(Environment& environment) {
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    require_value(environment.assistant.call<SpeakInTurn>());
    wait_until_blocked_by(assistant, Blocker::sending);
    require(require_value(receive(assistant)).kind == MessageKind::notification, "the notification is first");
    const auto second = require_value(receive(assistant));
    require(second.kind == MessageKind::asynchronous, "then the asynchronous message");
    require_equal(second.message.words[0], std::uint64_t{1}, "its word");
    const auto third = require_value(receive(assistant));
    require(third.kind == MessageKind::message, "then that of the blocked sender");
    require_equal(third.message.words[0], std::uint64_t{2}, "its word");
}

void never_an_answer(Environment& environment) {
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    require_value(environment.assistant.call<SpeakFirst>({.then = SpeakFirst::Then::answer}));
    require(require_value(receive(assistant)).kind == MessageKind::notification, "the notification, after the answer");
    require(require_value(receive(assistant)).kind == MessageKind::asynchronous, "then the asynchronous message");
}

void gone_with_the_sender(Environment& environment) {
    require_status(environment.assistant.call<SpeakFirst>({.then = SpeakFirst::Then::die}).status(),
                   Status::dead_endpoint);
    require_silence();
}

void sixteen_and_no_more(Environment& environment) {
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    require_value(environment.assistant.call<SendBack>());
    wait_until_blocked_by(assistant, Blocker::sending);
    for (std::uint64_t i = 0; i < asynchronous_limit; ++i) require_value(send_asynchronous(assistant, {.words = {i}}));
    require_status(send_asynchronous(assistant, {}).status(), Status::try_again);
    for (int i = 0; i < 3; ++i) require(require_value(receive(assistant)).kind == MessageKind::message, "its message");
    require_event(KernelEvent::asynchronous_room);
    require_value(send_asynchronous(assistant, {}));
    require_value(environment.assistant.call<Echo>());
    require_silence();
}

void lost_with_the_receiver(Environment&) {
    Child child;
    require_value(child.call<Misbehave>({.how = Misbehaviour::exit_with_7, .delay_milliseconds = 20}));
    for (std::uint64_t i = 0; i < asynchronous_limit; ++i)
        require_value(send_asynchronous(child.endpoint(), {.words = {100 + i}}));
    require_event(KernelEvent::message_lost);
    for (std::uint64_t i = 0; i < asynchronous_limit; ++i) {
        const auto lost = require_value(kernel_call<kernel_calls::MessageNextLost>({}));
        require(lost.receiver == child.endpoint(), "the receiver");
        require_equal(lost.words[0], 100 + i, "the order");
        require_equal(std::uint64_t{lost.kept}, asynchronous_limit - 1 - i, "still kept");
    }
    require_status(kernel_call<kernel_calls::MessageNextLost>({}).status(), Status::no_entry);
    require_silence(); // one event told of all
    require_equal(child.wait().detail, std::uint64_t{7}, "exit status");
}

void not_for_user_processes(Environment&) {
    Child child;
    const auto tried = require_value(child.call<TryPrimitive>(
        {.primitive = static_cast<std::uint64_t>(Primitive::send_asynchronous), .endpoint = endpoints::rs}));
    require_status(tried.status, Status::primitive_denied);
}

std::uint8_t priority_of(Endpoint process) {
    ProcessInformation information;
    require_value(kernel_call<kernel_calls::ProcessRead>(
        {.slot = process.slot(), .address = {reinterpret_cast<std::uint64_t>(&information)}}));
    require(information.endpoint == process, "the process");
    return information.priority;
}

// PM, its scheduler, is told of each quantum that it uses up.
void long_computation_sinks(Environment&) {
    Child child;
    // It may have used up a quantum while it started: a busy host gives the machine little time.
    const auto first = priority_of(child.endpoint());
    require(first >= protocol::pm::user_priority && first < priority_count - 1, "not the least urgent at first");
    require_value(child.call<Misbehave>({.how = Misbehaviour::hang, .delay_milliseconds = 1}));
    const Nanoseconds deadline = now() + milliseconds(5000);
    while (priority_of(child.endpoint()) < priority_count - 1) {
        require(now() < deadline, "it sinks to the least urgent priority");
        (void)sleep_for(milliseconds(10));
    }
}

constexpr std::array tests{
    Test{"asynchronous.order", order_of_receiving},
    Test{"asynchronous.never_an_answer", never_an_answer},
    Test{"asynchronous.gone_with_the_sender", gone_with_the_sender},
    Test{"asynchronous.limit", sixteen_and_no_more},
    Test{"asynchronous.lost", lost_with_the_receiver},
    Test{"asynchronous.not_for_users", not_for_user_processes},
    Test{"scheduling.long_computation_sinks", long_computation_sinks},
};

} // namespace

std::span<const Test> asynchronous_tests() { return tests; }

} // namespace tessera::target
