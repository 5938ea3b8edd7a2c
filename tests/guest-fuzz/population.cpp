// SPDX-License-Identifier: BSD-3-Clause
#include "tests/guest-fuzz/population.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "tests/target/check.h"

namespace tessera::guest_fuzz {

using target::require_equal;
using target::require_value;

namespace {
constexpr int user_count = 3;
constexpr std::size_t gone_limit = 64;
constexpr std::uint64_t last_words = 77; // exit status of the partner
} // namespace

template <class Visit> void Population::visit_processes(Visit&& visit) {
    ProcessInformation information;
    for (std::uint64_t slot = 0;; ++slot) {
        const auto reply = kernel_call<kernel_calls::ProcessRead>(
            {.slot = slot, .address = {reinterpret_cast<std::uint64_t>(&information)}});
        if (!reply.has_value()) return;
        slot = reply->slot;
        visit(information);
    }
}

Endpoint Population::self() {
    Endpoint found;
    visit_processes([&](const ProcessInformation& process) {
        if (process.running == 1) found = process.endpoint;
    });
    return found;
}

std::uint32_t Population::used_slots() {
    std::uint32_t count = 0;
    visit_processes([&](const ProcessInformation&) { ++count; });
    return count;
}

ServiceId Population::process_manager() {
    Privileges privileges;
    require_value(kernel_call<kernel_calls::PrivilegeGet>(
        {.endpoint = require_value(pm_.endpoint()), .address = {reinterpret_cast<std::uint64_t>(&privileges)}}));
    return privileges.service;
}

Population::User Population::spawn() {
    const auto reply = require_value(pm_.call<protocol::pm::Spawn>({.program = Name("call_fuzz_user")}));
    return {reply.process_id, reply.endpoint};
}

void Population::raise() {
    partner_ = spawn();
    cast_.partner = partner_.endpoint;
    for (int i = 0; i < user_count; ++i) {
        users_.push_back(spawn());
        cast_.users.push_back(users_.back().endpoint);
    }
    cast_.others.clear();
    visit_processes([&](const ProcessInformation& process) {
        const Endpoint endpoint = process.endpoint;
        if (endpoint != cast_.self && endpoint != cast_.partner && !Cast::contains(cast_.users, endpoint))
            cast_.others.push_back(endpoint);
    });
}

void Population::raze() {
    for (const Endpoint endpoint : cast_.bare) {
        (void)kernel_call<kernel_calls::ProcessDestroy>({.endpoint = endpoint});
        forget(endpoint);
    }
    cast_.bare.clear();
    for (const User& user : users_) {
        (void)pm_.call<protocol::pm::Kill>({.process_id = user.process_id, .signal = Signal::kill}); // it may be dead
        require_value(pm_.call<protocol::pm::Wait>({.process_id = user.process_id}));
        forget(user.endpoint);
    }
    users_.clear();
    cast_.users.clear();
    end_partner();
}

void Population::end_partner() {
    if (std::exchange(cast_.partner, {}) == endpoints::none) return;
    require_value(send(partner_.endpoint, pack(FuzzOrder{.command = UserCommand::exit, .seed = last_words})));
    const auto fate = require_value(pm_.call<protocol::pm::Wait>({.process_id = partner_.process_id}));
    target::require(fate.cause == DeathCause::exited, "the partner lived until it was told to exit");
    require_equal(fate.detail, last_words, "its exit status");
    forget(partner_.endpoint);
}

void Population::forget(Endpoint endpoint) {
    if (cast_.gone.size() == gone_limit) cast_.gone.erase(cast_.gone.begin());
    cast_.gone.push_back(endpoint);
}

UserReport Population::fuzz_as_user(std::uint64_t seed, std::uint64_t calls) {
    const FuzzOrder order{.command = UserCommand::fuzz, .seed = seed, .calls = calls, .self = partner_.endpoint};
    require_value(send(partner_.endpoint, pack(order)));
    const FuzzOrder ask{.command = UserCommand::report};
    return unpack<UserReport>(require_value(send_receive(partner_.endpoint, pack(ask))));
}

} // namespace tessera::guest_fuzz
