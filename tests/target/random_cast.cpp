// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/random_cast.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/clock.h"
#include <algorithm>

namespace tessera::target::random {

using protocol::pm::endpoint_of;
using protocol::pm::id_of;

namespace {

constexpr Name label_of(Player service) { return Name(service == Player::service_a ? "assistant" : "assistant_b"); }

template <class Condition> void wait_until(Condition&& condition, std::string_view what) {
    const Nanoseconds deadline = now() + milliseconds(10'000);
    while (!condition()) {
        require(now() < deadline, what);
        (void)sleep_for(milliseconds(1));
    }
}

void wait_until_without_space(Endpoint process) {
    using namespace protocol::vm;
    wait_until(
        [&] {
            return runtime::call<VmProtocol, SpaceStatistics>(endpoints::vm, {process}).status() == Status::no_such;
        },
        "VM hears of a death");
}

Result<Endpoint> running(Player service) {
    using namespace protocol::rs;
    const auto found = TESSERA_TRY((runtime::call<RsProtocol, Lookup>(
        endpoints::rs, {.label = label_of(service), .wait = LookupWait::until_running})));
    return found.endpoint;
}

} // namespace

Cast::Cast(Environment& environment) : environment_(environment) {
    for (const Player service : services) {
        // It may not have been started yet.
        if (const auto present = running(service); present.has_value()) member(service).endpoint = *present;
        start_anew(service, Death::killed);
    }
    for (const Player user : users) start(user);
}

// The services are left without grants and maps; the connection of the other tests must find the new one.
Cast::~Cast() {
    for (const Player user : users)
        (void)pm_.call<protocol::pm::Kill>({.process_id = id_of(endpoint(user)).value, .signal = Signal::kill});
    for (const Player user : users) (void)pm_.call<protocol::pm::Wait>({.process_id = id_of(endpoint(user)).value});
    for (const Player service : services)
        (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::ServiceRestart>(endpoints::rs,
                                                                                    {.label = label_of(service)});
    environment_.assistant.forget();
}

void Cast::give_memory(Player player) const {
    require_value(call<MapMemory>(player, {.address = memory_of_each, .bytes = pages_of_each * page_bytes}));
}

void Cast::start_anew(Player service, Death death) {
    using namespace protocol::rs;
    const Endpoint old = endpoint(service);
    if (death == Death::exits)
        require_status(call<Misbehave>(service, {.how = Misbehaviour::exit_with_7, .delay_milliseconds = 0}).status(),
                       Status::dead_endpoint, "an exit");
    // Also of one that is dead already: it is not made to wait then.
    require_value(runtime::call<RsProtocol, ServiceRestart>(endpoints::rs, {.label = label_of(service)}));
    wait_until(
        [&] {
            member(service).endpoint = require_value(running(service));
            return endpoint(service) != old;
        },
        "a service runs again");
    wait_until_without_space(old);
    give_memory(service);
}

void Cast::start(Player user) {
    const auto started = require_value(pm_.call<protocol::pm::Spawn>({.program = Name("assistant")}));
    member(user) = {.endpoint = started.endpoint, .parent = {}};
    give_memory(user);
}

void Cast::fork(Player parent, Player child) {
    const auto forked = require_value(call<ForkYourself>(parent, {}));
    member(child) = {.endpoint = endpoint_of({forked.process_id}), .parent = endpoint(parent)};
}

void Cast::end(Player user, Death death) {
    if (death == Death::exits)
        require_status(call<Misbehave>(user, {.how = Misbehaviour::exit_with_7, .delay_milliseconds = 0}).status(),
                       Status::dead_endpoint, "an exit");
    else
        require_value(
            pm_.call<protocol::pm::Kill>({.process_id = id_of(endpoint(user)).value, .signal = Signal::kill}));
    bury(user);
}

void Cast::bury(Player user) {
    const Member dead = std::exchange(member(user), {});
    const std::uint32_t process_id = id_of(dead.endpoint).value;
    if (dead.parent == endpoints::none)
        require_value(pm_.call<protocol::pm::Wait>({.process_id = process_id}));
    else if (lives(dead.parent)) // whose parent is dead, is PM's to bury
        require_value(runtime::call<AssistantProtocol, AwaitChild>(dead.parent, {.process_id = process_id}));
    wait_until_without_space(dead.endpoint);
}

bool Cast::lives(Endpoint endpoint) const { return std::ranges::contains(members_, endpoint, &Member::endpoint); }

} // namespace tessera::target::random
