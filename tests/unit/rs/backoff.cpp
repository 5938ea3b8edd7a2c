// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/backoff.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::rs;

namespace {

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint64_t second = 1000 * millisecond;

configuration::Restart restart_with(std::uint64_t backoff_ms) {
    configuration::Restart restart;
    restart.backoff = {backoff_ms * millisecond};
    return restart;
}

} // namespace

TEST_CASE("backoff: the first restart is at once, then delays double up to three seconds") {
    Backoff backoff(restart_with(100));
    std::vector<std::uint64_t> delays;
    for (int i = 0; i < 9; ++i) delays.push_back(backoff.after_death({0})->value / millisecond);
    CHECK(delays == std::vector<std::uint64_t>{0, 100, 200, 400, 800, 1600, 3000, 3000, 3000});
}

TEST_CASE("backoff: a thousand deaths in a row overflow nothing") {
    Backoff backoff(restart_with(3000));
    for (int i = 0; i < 1000; ++i) {
        const auto delay = backoff.after_death({0});
        REQUIRE(delay.has_value());
        CHECK(*delay <= Backoff::longest_delay);
    }
}

TEST_CASE("backoff: a healthy life makes the next restart immediate again") {
    Backoff backoff(restart_with(100));
    (void)backoff.after_death({0});
    (void)backoff.after_death({0});
    backoff.became_ready({second});
    CHECK(backoff.after_death({2 * second})->value == 0);

    // Ready, but not for long enough.
    backoff.became_ready({2 * second});
    CHECK(backoff.after_death({2 * second + 999 * millisecond})->value == 100 * millisecond);
}

TEST_CASE("backoff: gives up after so many deaths before being ready within so long") {
    configuration::Restart restart = restart_with(1);
    restart.give_up = configuration::GiveUp{.deaths = 3, .within = {10 * second}};
    Backoff backoff(restart);
    CHECK(backoff.after_death({0}).has_value());
    CHECK(backoff.after_death({1 * second}).has_value());
    CHECK_FALSE(backoff.after_death({10 * second}).has_value());

    backoff.reset();
    CHECK(backoff.after_death({20 * second}).has_value());
    CHECK(backoff.after_death({21 * second}).has_value());
    CHECK(backoff.after_death({31 * second}).has_value()); // the first is long ago
}

TEST_CASE("backoff: deaths of services that were ready are no reason to give up") {
    configuration::Restart restart = restart_with(1);
    restart.give_up = configuration::GiveUp{.deaths = 2, .within = {10 * second}};
    Backoff backoff(restart);
    for (std::uint64_t i = 0; i < 50; ++i) {
        backoff.became_ready({i * millisecond});
        CHECK(backoff.after_death({i * millisecond}).has_value());
    }
}
