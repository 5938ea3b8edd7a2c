// SPDX-License-Identifier: BSD-3-Clause
// Random messages, faults, deaths and restarts, compared with the reference model after each operation.
// TESSERA_SEED chooses the sequence; the hidden test `[long]` runs a million operations.

#include "tests/unit/kernel/random_messages.h"
#include <cstdlib>

using namespace tessera::kernel::test;

namespace {

std::uint64_t seed_or(std::uint64_t usual) {
    const char* chosen = std::getenv("TESSERA_SEED");
    return chosen == nullptr ? usual : std::strtoull(chosen, nullptr, 0);
}

void run(std::uint64_t seed, std::uint64_t operations) {
    RandomMessages random{seed};
    REQUIRE_NOTHROW(random.run(operations));
    // The sequence was about something.
    const auto& counters = random.counters();
    CHECK(counters.messages > operations / 100);
    CHECK(counters.notifications > operations / 100);
    CHECK(counters.page_faults > operations / 1000);
    CHECK(counters.copy_faults > operations / 1000);
    CHECK(counters.stale_endpoints > operations / 1000);
    CHECK(counters.refused_calls > operations / 1000);
}

} // namespace

TEST_CASE("kernel and reference model agree over random operations") {
    const std::uint64_t seed = GENERATE(as<std::uint64_t>{}, 1, 2, 3, 4);
    run(seed_or(seed), 50'000);
}

TEST_CASE("kernel and reference model agree over a million random operations", "[.][long]") {
    run(seed_or(2026), 1'000'000);
}
