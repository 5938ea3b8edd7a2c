// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Keeps the cast of the privileged fuzzer: makes its processes and does away with them.

#include "servers/protocols/pm.h"
#include "servers/runtime/service_connection.h"
#include "tests/guest-fuzz/cast.h"
#include "tests/guest-fuzz/user_protocol.h"

namespace tessera::guest_fuzz {

class Population {
public:
    explicit Population(Cast& cast) : cast_(cast) { cast_.self = self(); }

    // A partner, some users, and a look at who else lives.
    void raise();
    // None of the fuzzer's processes is left, not even dead.
    void raze();

    // The partner makes unprivileged calls.
    UserReport fuzz_as_user(std::uint64_t seed, std::uint64_t calls);

    static std::uint32_t used_slots();
    // Of the service that PM is, as privileges name it.
    ServiceId process_manager();

private:
    struct User {
        std::uint32_t process_id;
        Endpoint endpoint;
    };

    static Endpoint self();
    User spawn();
    void end_partner();
    void forget(Endpoint endpoint);
    template <class Visit> static void visit_processes(Visit&& visit);

    Cast& cast_;
    runtime::ServiceConnection<protocol::pm::PmProtocol> pm_{"pm"};
    User partner_{};
    std::vector<User> users_;
};

} // namespace tessera::guest_fuzz
