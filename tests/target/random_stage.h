// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Where random_grants happens: the processes, the model of them, and what is chosen next. A step does something by a
// process and in the model, and both must agree.

#include "tests/guest-fuzz/random.h"
#include "tests/target/random_cast.h"
#include "tests/target/random_model.h"
#include <span>
#include <string>

namespace tessera::target::random {

class Stage {
public:
    Stage(Environment& environment, std::uint64_t seed);

    // ---- chance
    guest_fuzz::Random& chance() { return chance_; }
    Player any_of(std::span<const Player> choice) { return choice[chance_.below(choice.size())]; }
    Player anybody() { return any_of(players); }
    PageRange some_pages(std::uint64_t among = pages_of_each);
    Protection some_protection() { return chance_.one_in(3) ? Protection::read : read_write; }
    // Mostly one that allows it, or that would if its chain were shorter, and somebody who may use it.
    const GrantTerms* some_grant(GrantRights rights);
    // Mostly one that a service was given; often that of the longest chain.
    const GrantTerms* some_grant_to_pass_on();
    // One that is not yet dropped, and mostly of no use any more.
    const GrantTerms* some_grant_to_drop();
    Player some_user_of(const GrantTerms& grant);
    // Mostly within it.
    PageRange some_part_of(const GrantTerms& grant);

    // ---- what there is
    Model& model() { return model_; }
    Cast& cast() { return cast_; }
    template <class Operation>
    Result<typename Operation::Reply> call(Player player, const typename Operation::Request& request) const {
        return cast_.call<Operation>(player, request);
    }
    void granted(const GrantTerms& terms) { model_.grant(terms); }
    void drop(const GrantTerms& terms); // in the model
    void restart(Player service, Death death);
    void start(Player user);
    void fork(Player parent, Player child);
    void end(Player user, Death death);
    void bury(Player user);

    // ---- agreement
    void begin_step(std::string_view kind);
    void agree(Status status, Status expected, Place place = Place::current());
    Status answer() const { return answer_; } // of the step's last agreement
    Cell seen(Player player, std::uint64_t page) const;
    void compare_page(Player player, std::uint64_t page, Place place = Place::current());
    // Every page of everybody, every map as VM tells of it, and VM's check of itself.
    void compare_all();
    std::string where(std::string_view what) const;

private:
    template <class Wanted> const GrantTerms* some_live_grant(Wanted&& wanted);
    void die_in_model(Player player);
    void compare_maps(Player player);

    std::uint64_t seed_;
    guest_fuzz::Random chance_;
    Cast cast_;
    Model model_;
    std::vector<GrantTerms> former_; // not honoured any more: dropped, or of the dead
    std::uint64_t step_ = 0;
    std::string_view kind_ = "beginning";
    Status answer_ = Status::ok;
};

} // namespace tessera::target::random
