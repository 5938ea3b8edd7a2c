// SPDX-License-Identifier: BSD-3-Clause
// Rules of messages, run states and privileges that need a second assistant, or one that RS holds or replaces.

#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/protocols/rs.h"
#include "tests/target/partner.h"
#include "tests/target/test.h"
#include <cstring>

namespace tessera::target {

namespace {

using namespace protocol::rs;

Endpoint restarted(std::string_view label) {
    require_value(runtime::call<RsProtocol, ServiceRestart>(endpoints::rs, {.label = Name(label)}));
    return require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs,
                                                           {.label = Name(label), .wait = LookupWait::until_running}))
        .endpoint;
}

// Both send 1, 2, 3; each is at the end of the queue again after it was served.
void senders_are_served_in_order(Environment& environment) {
    const Endpoint first = require_value(environment.assistant.endpoint());
    const Endpoint second = restarted("assistant_b");
    for (const Endpoint sender : {first, second}) {
        require_value(runtime::call<AssistantProtocol, SendBack>(sender, {}));
        wait_until_blocked_by(sender, Blocker::sending);
    }
    for (std::uint64_t word = 1; word <= 3; ++word)
        for (const Endpoint sender : {first, second}) {
            const auto received = require_value(receive());
            require(received.source == sender,
                    std::format("word {}: {:#x} sends, not {:#x}", word, received.source.value(), sender.value()));
            require_equal(received.message.words[0], word, "word");
        }
}

// Its send comes to its end, but it does not go on to the next.
void stopped_in_a_send(Environment& environment) {
    const Endpoint assistant = require_value(environment.assistant.endpoint());
    require_value(environment.assistant.call<SendBack>());
    wait_until_blocked_by(assistant, Blocker::sending);
    require_value(runtime::call<RsProtocol, FaultArm>(
        endpoints::rs, {.target = Name("assistant"), .model = FaultModel::hang, .delay_milliseconds = 0}));
    wait_until_blocked_by(assistant, Blocker::stopped);
    require_equal(require_value(receive(assistant)).message.words[0], std::uint64_t{1}, "what it was sending");
    require_value(kernel_call<kernel_calls::AlarmSet>({.deadline = now() + milliseconds(5)}));
    require(require_value(receive()).source == endpoints::clock, "nothing more comes");
    environment.assistant.forget();
    require(restarted("assistant") != assistant, "another process");
}

void same_privileges_after_a_restart(Environment& environment) {
    const auto privileges_of = [](Endpoint process) {
        Privileges privileges;
        require_value(kernel_call<kernel_calls::PrivilegeGet>(
            {.endpoint = process, .address = {reinterpret_cast<std::uint64_t>(&privileges)}}));
        return privileges;
    };
    const Privileges before = privileges_of(require_value(environment.assistant.endpoint()));
    environment.assistant.forget();
    const Privileges after = privileges_of(restarted("assistant"));
    require(std::memcmp(&before, &after, sizeof(before)) == 0, "the same, and nothing twice");
}

constexpr std::array tests{
    Test{"message.senders_in_order", senders_are_served_in_order},
    Test{"process.stopped_in_a_send", stopped_in_a_send},
    Test{"privileges.same_after_restart", same_privileges_after_a_restart},
};

} // namespace

std::span<const Test> rule_tests() { return tests; }

} // namespace tessera::target
