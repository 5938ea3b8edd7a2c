// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/event_loop.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/log_format.h"
#include <algorithm>
#include <exception>

namespace tessera::rs {

namespace {

// Keeps the kernel's one alarm at the next timer.
class Alarm {
public:
    void follow(const Timers& timers) {
        constexpr Nanoseconds off{0};
        const Nanoseconds deadline = timers.next().value_or(off);
        if (deadline == deadline_ && deadline == off) return;
        deadline_ = deadline;
        const auto set = kernel_call<kernel_calls::AlarmSet>({.deadline = deadline});
        if (!set.has_value()) log_error("no alarm: {}", status_name(set.error()));
    }

private:
    Nanoseconds deadline_{};
};

void notified(Requests& requests, Supervisor& supervisor, const Received& received) {
    if (received.source == endpoints::kernel)
        supervisor.fetch_deaths();
    else if (received.source == endpoints::clock)
        requests.timers_due();
    else
        supervisor.heartbeat_answered(received.source);
}

std::optional<Message> handle(Requests& requests, Supervisor& supervisor, const Received& received) {
    const bool is_request = received.kind == MessageKind::message;
    try {
        if (is_request) return runtime::dispatch<protocol::rs::RsProtocol>(requests, received);
        if (received.kind == MessageKind::notification) notified(requests, supervisor, received);
        return std::nullopt;
    } catch (const std::exception& error) {
        log_error("an event was lost: {}", error.what());
    }
    return is_request ? std::optional(runtime::error_message(Status::out_of_memory)) : std::nullopt;
}

} // namespace

void run_event_loop(Requests& requests, Supervisor& supervisor, const Timers& timers) {
    Alarm alarm;
    std::optional<Message> answer;
    Endpoint client;
    for (;;) {
        alarm.follow(timers);
        const auto received = answer ? reply_receive(client, *answer) : receive();
        answer.reset();
        if (!received.has_value()) continue;
        client = received->source;
        answer = handle(requests, supervisor, *received);
    }
}

} // namespace tessera::rs
