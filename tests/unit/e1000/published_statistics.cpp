// SPDX-License-Identifier: BSD-3-Clause
// The page that DS shows: when the driver tries again, and what is in it.

#include "servers/drivers/e1000/published_statistics.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

using namespace tessera;
using namespace tessera::e1000;

namespace {

class FakePublication final : public Publication {
public:
    Completion show(std::span<const std::byte> pages) override {
        ++attempts;
        if (answer != Status::ok) return answer;
        shown = pages;
        return Done{};
    }
    void wake_after(Nanoseconds delay) override { delays.push_back(delay); }

    Status answer = Status::ok;
    int attempts = 0;
    std::span<const std::byte> shown;
    std::vector<Nanoseconds> delays;
};

struct Fixture {
    FakePublication publication;
    PublishedStatistics published{publication};
};

} // namespace

TEST_CASE_METHOD(Fixture, "statistics are shown as they change, and nothing else is in their page") {
    REQUIRE(published.publish().has_value());
    CHECK(publication.delays.empty());
    REQUIRE(publication.shown.size() == page_bytes);
    CHECK(std::ranges::all_of(publication.shown, [](std::byte byte) { return byte == std::byte{0}; }));
    published.statistics().received = 7;
    CHECK(publication.shown[0] == std::byte{7});
}

TEST_CASE_METHOD(Fixture, "statistics that a data store cannot take now are published later, until it takes them") {
    for (const Status answer : {Status::try_again, Status::dead_endpoint, Status::out_of_memory, Status::no_space}) {
        publication.answer = answer;
        CHECK(published.publish().has_value());
        REQUIRE(publication.delays.size() == 1);
        CHECK(publication.delays.front() == PublishedStatistics::retry_delay);
        publication.delays.clear();
    }
    publication.answer = Status::ok;
    CHECK(published.publish().has_value());
    CHECK(publication.delays.empty());
    CHECK(publication.shown.size() == page_bytes);
    CHECK(publication.attempts == 5);
}

TEST_CASE_METHOD(Fixture, "statistics that a data store refuses for good are not published again") {
    for (const Status answer : {Status::not_permitted, Status::invalid, Status::access_denied}) {
        publication.answer = answer;
        CHECK(published.publish().status() == answer);
    }
    CHECK(publication.delays.empty());
}
