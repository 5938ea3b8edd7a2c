// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/process.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;

namespace {

std::unique_ptr<ProcessTable> empty_table() { return std::make_unique<ProcessTable>(); }

} // namespace

TEST_CASE("a new process is stopped, without space, privileges or a past") {
    auto table = empty_table();
    Process& process = **table->create(Name{"first"});
    process.privileges.send_mask = ~0ull;
    process.pending_events = 1;
    process.notifiers.set(3);
    process.grants.entries = 4;
    process.alarm = {5};
    process.death.cause = DeathCause::killed;
    process.messages_sent = 6;
    process.raise(Attention::restart_call);
    table->release(process);

    Process& next = **table->create(Name{"second"});
    REQUIRE(&next == &process);
    CHECK(test::blocked_only_by(next, Blocker::stopped, Blocker::no_space));
    CHECK(next.name.view() == "second");
    CHECK(next.privileges.send_mask == 0);
    CHECK(next.privileges.kernel_call_mask == 0);
    CHECK(next.privileges.primitive_mask == 0);
    CHECK(next.pending_events == 0);
    CHECK(next.notifiers.none());
    CHECK(next.grants.entries == 0);
    CHECK(next.alarm == Nanoseconds{});
    CHECK(next.death.cause == DeathCause::none);
    CHECK(next.messages_sent == 0);
    CHECK_FALSE(next.needs(Attention::restart_call));
    CHECK(next.needs(Attention::translations)); // of the slot's last user
}

TEST_CASE("the first two processes have the endpoints of VM and RS") {
    auto table = empty_table();
    CHECK((*table->create(Name{"vm"}))->endpoint == endpoints::vm);
    CHECK((*table->create(Name{"rs"}))->endpoint == endpoints::rs);
}

TEST_CASE("a slot that is used again has the next generation and the old endpoint is dead") {
    auto table = empty_table();
    Process& process = **table->create(Name{"a"});
    const Endpoint old = process.endpoint;
    CHECK(*table->living(old) == &process);
    table->release(process);
    CHECK(table->living(old).status() == Status::dead_endpoint);
    CHECK(table->present(old).status() == Status::dead_endpoint);

    CHECK((*table->create(Name{"b"}))->endpoint == Endpoint{old.slot(), old.generation() + 1});
    CHECK(table->living(old).status() == Status::dead_endpoint);
    CHECK(table->present(old).status() == Status::dead_endpoint);
}

TEST_CASE("generations wrap around without reaching 0 or that of the special endpoints") {
    auto table = empty_table();
    Process& process = **table->create(Name{"a"});
    constexpr std::uint32_t last = Endpoint::generation_limit - 2;
    process.endpoint = Endpoint{process.endpoint.slot(), last - 1};
    table->release(process);
    CHECK((*table->create(Name{"b"}))->endpoint.generation() == last);
    table->release(process);
    CHECK((*table->create(Name{"c"}))->endpoint.generation() == 1);
    CHECK(table->living(Endpoint{process.endpoint.slot(), last}).status() == Status::dead_endpoint);
    table->release(process);
    CHECK((*table->create(Name{"d"}))->endpoint.generation() == 2);
}

TEST_CASE("a slot goes through all generations and never gives one that is reserved") {
    auto table = empty_table();
    std::uint32_t seen_one = 0;
    for (std::uint32_t round = 0; round < Endpoint::generation_limit + 5; ++round) {
        Process& process = **table->create(Name{"a"});
        const std::uint32_t generation = process.endpoint.generation();
        if (generation == 0 || generation >= Endpoint::generation_limit - 1) FAIL("generation " << generation);
        seen_one += generation == 1;
        table->release(process);
    }
    CHECK(seen_one == 2);
}

TEST_CASE("a full table refuses one more process and takes one again after a release") {
    auto table = empty_table();
    for (std::uint32_t i = 0; i < process_limit; ++i) REQUIRE(table->create(Name{"p"}).has_value());
    CHECK(table->create(Name{"p"}).status() == Status::no_space);
    table->release(table->at(77));
    CHECK((*table->create(Name{"p"}))->endpoint == Endpoint{77, 2});
    CHECK(table->create(Name{"p"}).status() == Status::no_space);
}

TEST_CASE("a dead process is present until it is reaped, but not living") {
    auto table = empty_table();
    Process& process = **table->create(Name{"a"});
    process.block(Blocker::dead);
    CHECK(table->living(process.endpoint).status() == Status::dead_endpoint);
    CHECK(*table->present(process.endpoint) == &process);
}

TEST_CASE("special endpoints, free slots and slots beyond the table are no processes") {
    auto table = empty_table();
    CHECK(table->create(Name{"a"}).has_value());
    const std::array refused{endpoints::none,
                             endpoints::any,
                             endpoints::self,
                             endpoints::kernel,
                             endpoints::hardware,
                             endpoints::clock,
                             Endpoint{0, 2},
                             Endpoint{5, 0},
                             Endpoint{5, 1},
                             Endpoint{process_limit, 1},
                             Endpoint{Endpoint::slot_limit - 1, 1},
                             Endpoint::from_value(0xffff'ffff)};
    for (const Endpoint endpoint : refused) {
        CHECK(table->living(endpoint).status() == Status::dead_endpoint);
        CHECK(table->present(endpoint).status() == Status::dead_endpoint);
    }
}

TEST_CASE("a service is found by its id while it lives; user processes are no service") {
    auto table = empty_table();
    Process& user = **table->create(Name{"user"});
    Process& old = **table->create(Name{"ds"});
    Process& current = **table->create(Name{"ds"});
    old.privileges.service = {7};
    current.privileges.service = {7};
    old.block(Blocker::dead);
    CHECK(table->service({7}) == &current);
    table->release(current);
    CHECK(table->service({7}) == nullptr);
    CHECK(table->service({8}) == nullptr);
    REQUIRE(user.privileges.service == service_ids::user);
    CHECK(table->service(service_ids::user) == nullptr);
}

TEST_CASE("a name keeps fifteen characters") {
    CHECK(Name{"abcdefghijklmnop"}.view() == "abcdefghijklmno");
    CHECK(Name{""}.view().empty());
    Name unterminated;
    unterminated.characters.fill('x');
    CHECK(unterminated.view().size() == 15);
}
