// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The processes of random_grants as they live: assistants that are services of RS, and assistants that are user
// processes of PM, started or forked, killed and started again.

#include "servers/protocols/pm.h"
#include "tests/target/random_model.h"
#include "tests/target/test.h"

namespace tessera::target::random {

enum class Death : std::uint8_t { killed, exits };

class Cast {
public:
    explicit Cast(Environment& environment);
    Cast(const Cast&) = delete;
    Cast& operator=(const Cast&) = delete;
    ~Cast();

    Endpoint endpoint(Player player) const { return members_[index_of(player)].endpoint; }

    template <class Operation>
    Result<typename Operation::Reply> call(Player player, const typename Operation::Request& request) const {
        return runtime::call<AssistantProtocol, Operation>(endpoint(player), request);
    }

    // These return when VM has heard of it.
    void start_anew(Player service, Death death);
    void start(Player user);
    void fork(Player parent, Player child);
    void end(Player user, Death death);
    void bury(Player user); // who died of itself

private:
    struct Member {
        Endpoint endpoint;
        Endpoint parent; // of a forked one
    };

    Member& member(Player player) { return members_[index_of(player)]; }
    void give_memory(Player player) const;
    bool lives(Endpoint endpoint) const;

    Environment& environment_;
    runtime::ServiceConnection<protocol::pm::PmProtocol> pm_{"pm"};
    std::array<Member, players.size()> members_;
};

} // namespace tessera::target::random
