// SPDX-License-Identifier: BSD-3-Clause
#include "tests/guest-fuzz/messenger.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/clock.h"

namespace tessera::guest_fuzz {

void Messenger::step() {
    switch (static_cast<Primitive>(1 + random_.below(primitive_count - 1))) {
    case Primitive::send:
        return count(Primitive::send, send(peer_to_wait_for(), garbage()).status());
    case Primitive::send_receive:
        return count(Primitive::send_receive, send_receive(peer_to_wait_for(), garbage()).status());
    case Primitive::receive:
        return receive_something();
    case Primitive::notify:
        return count(Primitive::notify, notify(values_.endpoint()).status());
    case Primitive::send_nonblocking:
        return count(Primitive::send_nonblocking, send_nonblocking(values_.endpoint(), garbage()).status());
    case Primitive::reply_receive:
        // Its own notification waits for it already; without the right to that one it would wait for ever.
        if (!notify(cast_.self).has_value()) return;
        return count(Primitive::reply_receive, reply_receive(values_.endpoint(), garbage()).status());
    case Primitive::send_asynchronous:
        return send_one_asynchronously();
    case Primitive::kernel_call:
        return;
    }
}

// VM, RS and the partner answer; all others that are taken here are refused.
Endpoint Messenger::peer_to_wait_for() {
    switch (random_.below(6)) {
    case 0:
        return endpoints::vm;
    case 1:
        return endpoints::rs;
    case 2:
        return cast_.partner;
    case 3:
        return cast_.self;
    case 4:
        return cast_.gone.empty() ? endpoints::none : random_.one_of(cast_.gone);
    default:
        return Endpoint{static_cast<std::uint32_t>(process_limit + random_.below(Endpoint::slot_limit - process_limit)),
                        1};
    }
}

void Messenger::receive_something() {
    if (random_.one_in(2) && notify(cast_.self).has_value())
        return count(Primitive::receive, receive(endpoints::any).status());
    if (random_.one_in(64)) {
        (void)kernel_call<kernel_calls::AlarmSet>({.deadline = now()});
        return count(Primitive::receive, receive(endpoints::clock).status());
    }
    const Endpoint refused = random_.one_in(2) ? cast_.self : Endpoint{process_limit, 1};
    count(Primitive::receive, receive(refused).status());
}

// primitive_denied is right for the user process.
void Messenger::send_one_asynchronously() {
    const Status status = send_asynchronous(values_.endpoint(), garbage()).status();
    tally_.count({{Operation::Kind::primitive, static_cast<std::uint64_t>(Primitive::send_asynchronous)}, status},
                 may_answer(Primitive::send_asynchronous, status));
}

void Messenger::count(Primitive primitive, Status status) {
    tally_.count({{Operation::Kind::primitive, static_cast<std::uint64_t>(primitive)}, status},
                 may_answer(primitive, status) && status != Status::primitive_denied);
}

// No operation of any protocol has such a first word.
Message Messenger::garbage() {
    Message message;
    for (std::uint64_t& word : message.words) word = random_.word();
    message.words[0] |= 1ull << 63;
    return message;
}

} // namespace tessera::guest_fuzz
