// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/random_stage.h"
#include <algorithm>

namespace tessera::target::random {

using namespace protocol::vm;

namespace {

constexpr std::size_t former_limit = 8;

} // namespace

Stage::Stage(Environment& environment, std::uint64_t seed) : seed_(seed), chance_(seed), cast_(environment) {
    for (const Player player : players) model_.begin(player, cast_.endpoint(player));
}

// ---- chance

// Any, when few are as wanted.
template <class Wanted> const GrantTerms* Stage::some_live_grant(Wanted&& wanted) {
    constexpr int attempts = 8;
    const auto& grants = model_.grants();
    if (grants.empty()) return nullptr;
    const GrantTerms* grant = &chance_.one_of(grants);
    for (int i = 0; i < attempts && !wanted(*grant); ++i) grant = &chance_.one_of(grants);
    return grant;
}

PageRange Stage::some_pages(std::uint64_t among) {
    const std::uint64_t first = chance_.below(among);
    return {first, 1 + chance_.below(among - first)};
}

const GrantTerms* Stage::some_grant(GrantRights rights) {
    if (!former_.empty() && chance_.one_in(20)) return &chance_.one_of(former_);
    if (chance_.one_in(10)) return some_live_grant([](const GrantTerms&) { return true; });
    return some_live_grant([&](const GrantTerms& grant) {
        const Status use = model_.use(grant, rights);
        return use == Status::ok || use == Status::loop;
    });
}

const GrantTerms* Stage::some_grant_to_pass_on() {
    const auto given_to_service = [&](const GrantTerms& grant) {
        const auto grantee = model_.player_at(grant.grantee);
        return grantee && is_service(*grantee);
    };
    if (chance_.one_in(3)) return some_live_grant(given_to_service);
    const GrantTerms* longest = nullptr;
    for (const GrantTerms& grant : model_.grants())
        if (given_to_service(grant) && model_.length(grant) <= indirect_hop_limit &&
            (longest == nullptr || model_.length(grant) > model_.length(*longest)))
            longest = &grant;
    return longest;
}

const GrantTerms* Stage::some_grant_to_drop() {
    return some_live_grant([&](const GrantTerms& grant) { return model_.use(grant, GrantRights::none) != Status::ok; });
}

Player Stage::some_user_of(const GrantTerms& grant) {
    const Player chosen = anybody();
    if (chance_.one_in(10)) return chosen;
    return model_.player_at(grant.grantee).value_or(chosen);
}

PageRange Stage::some_part_of(const GrantTerms& grant) {
    return some_pages(chance_.one_in(10) ? pages_of_each : grant.pages.count);
}

// ---- what there is

void Stage::drop(const GrantTerms& terms) {
    if (former_.size() == former_limit) former_.erase(former_.begin());
    former_.push_back(terms);
    model_.drop(former_.back().id);
}

void Stage::die_in_model(Player player) {
    for (const GrantTerms& grant : model_.grants())
        if (grant.id.grantor == model_.endpoint(player)) former_.push_back(grant);
    if (former_.size() > former_limit) former_.erase(former_.begin(), former_.end() - former_limit);
    model_.die(player);
}

void Stage::restart(Player service, Death death) {
    die_in_model(service);
    cast_.start_anew(service, death);
    model_.begin(service, cast_.endpoint(service));
}

void Stage::start(Player user) {
    cast_.start(user);
    model_.begin(user, cast_.endpoint(user));
}

void Stage::fork(Player parent, Player child) {
    cast_.fork(parent, child);
    model_.fork(parent, child, cast_.endpoint(child));
}

void Stage::end(Player user, Death death) {
    die_in_model(user);
    cast_.end(user, death);
}

void Stage::bury(Player user) {
    die_in_model(user);
    cast_.bury(user);
}

// ---- agreement

void Stage::begin_step(std::string_view kind) {
    ++step_;
    kind_ = kind;
    answer_ = Status::ok;
}

std::string Stage::where(std::string_view what) const {
    return std::format("seed {}, step {}, {}: {}", seed_, step_, kind_, what);
}

void Stage::agree(Status status, Status expected, Place place) {
    if (status != expected) require_status(status, expected, where("status"), place);
    answer_ = status;
}

Cell Stage::seen(Player player, std::uint64_t page) const {
    const auto words = require_value(call<ReadEnds>(player, {address_of_page(page)}));
    return {words.first, words.last};
}

void Stage::compare_page(Player player, std::uint64_t page, Place place) {
    const Cell here = seen(player, page), expected = model_.cell(player, page);
    if (here != expected)
        fail(where(std::format("page {} of player {} is {:#x} {:#x} instead of {:#x} {:#x}", page, index_of(player),
                               here.first, here.last, expected.first, expected.last)),
             place);
}

void Stage::compare_all() {
    for (const Player player : players) {
        for (std::uint64_t page = 0; page < pages_of_each; ++page) compare_page(player, page);
        compare_maps(player);
    }
    const auto check = require_value(runtime::call<VmProtocol, Check>(endpoints::vm, {}));
    require(check.problems == 0, where("VM is sound"));
}

void Stage::compare_maps(Player player) {
    std::vector<const MapRecord*> expected;
    for (const MapRecord& map : model_.maps())
        if (map.grantee == player) expected.push_back(&map);
    std::ranges::sort(expected, {}, [](const MapRecord* map) { return map->to.first; });
    const auto next = [&](VirtualAddress from) {
        return runtime::call<VmProtocol, SafemapNext>(endpoints::vm,
                                                      {.process = model_.endpoint(player), .from = from});
    };
    VirtualAddress behind{};
    for (const MapRecord* map : expected) {
        const auto told = require_value(next(behind));
        behind = address_of_page(map->to.end());
        const bool right = told.address == address_of_page(map->to.first) && told.address + told.bytes == behind &&
                           told.source == address_of_page(map->from) && told.owner == model_.endpoint(map->owner) &&
                           told.grantor == map->hops[0].grantor && told.grant == map->hops[0].grant &&
                           told.hop_count == map->hops.size() && told.protection == map->protection;
        require(right, where(std::format("the map at page {} of player {}", map->to.first, index_of(player))));
    }
    require_status(next(behind).status(), Status::no_entry, where("a map behind the last"));
}

} // namespace tessera::target::random
