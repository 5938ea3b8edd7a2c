// SPDX-License-Identifier: BSD-3-Clause
// How processes die, and what those learn who deal with them.

#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/clock.h"
#include "tests/target/child.h"
#include "tests/target/misbehaviour.h"
#include "tests/target/test.h"
#include <array>
#include <optional>

namespace tessera::target {

namespace {

struct Death {
    Misbehaviour how;
    DeathCause cause;
    std::optional<std::uint64_t> detail; // when it is known
    std::string_view name;
};

constexpr std::array deaths{
    Death{Misbehaviour::read_null, DeathCause::page_fault, 0, "reading null"},
    Death{Misbehaviour::jump_to_null, DeathCause::page_fault, 0, "jumping to null"},
    Death{Misbehaviour::write_to_code, DeathCause::page_fault, std::nullopt, "writing to code"},
    Death{Misbehaviour::execute_data, DeathCause::page_fault, std::nullopt, "executing data"},
    Death{Misbehaviour::execute_stack, DeathCause::page_fault, std::nullopt, "executing the stack"},
    Death{Misbehaviour::divide_by_zero, DeathCause::divide_error, std::nullopt, "dividing by zero"},
    Death{Misbehaviour::illegal_instruction, DeathCause::illegal_instruction, std::nullopt, "an illegal instruction"},
    Death{Misbehaviour::privileged_instruction, DeathCause::general_protection, std::nullopt, "cli"},
    Death{Misbehaviour::port_access, DeathCause::general_protection, std::nullopt, "outb"},
    // The gate of int3 is the kernel's own.
    Death{Misbehaviour::breakpoint, DeathCause::general_protection, std::nullopt, "a breakpoint"},
    Death{Misbehaviour::overflow_stack, DeathCause::page_fault, std::nullopt, "overflowing the stack"},
    Death{Misbehaviour::non_canonical_read, DeathCause::general_protection, std::nullopt, "a non-canonical address"},
    Death{Misbehaviour::kernel_read, DeathCause::page_fault, kernel_address, "reading the kernel"},
    Death{Misbehaviour::kernel_write, DeathCause::page_fault, kernel_address, "writing to the kernel"},
    Death{Misbehaviour::write_to_read_only, DeathCause::page_fault, std::nullopt, "writing to read-only memory"},
    Death{Misbehaviour::touch_unmapped, DeathCause::page_fault, unmapped_address, "touching a hole"},
    Death{Misbehaviour::exit_with_7, DeathCause::exited, 7, "exit(7)"},
    Death{Misbehaviour::call_abort, DeathCause::signalled, 6, "abort()"},
};

// The caller waits for an answer when its partner dies.
void every_way_to_die(Environment&) {
    for (const Death& death : deaths) {
        Child child;
        require_status(child.call<Misbehave>({.how = death.how, .delay_milliseconds = 0}).status(),
                       Status::dead_endpoint, death.name);
        const auto end = child.wait();
        require_equal(static_cast<unsigned>(end.cause), static_cast<unsigned>(death.cause),
                      std::format("cause of {}", death.name));
        if (death.detail) require_equal(end.detail, *death.detail, std::format("detail of {}", death.name));
        require_status(child.call<Echo>().status(), Status::dead_endpoint, "a call of the dead");
    }
}

void out_of_memory(Environment&) {
    Child child;
    require_status(child.call<Misbehave>({.how = Misbehaviour::exhaust_memory, .delay_milliseconds = 0}).status(),
                   Status::dead_endpoint);
    const auto end = child.wait();
    require(end.cause == DeathCause::page_fault || (end.cause == DeathCause::exited && end.detail == 12),
            "it ran out of memory, by a refusal or by a fault");
}

void one_that_hangs_is_killed(Environment&) {
    for (const Misbehaviour how : {Misbehaviour::hang, Misbehaviour::wait_for_nothing}) {
        Child child;
        require_status(child.call<Misbehave>({.how = how, .delay_milliseconds = 1}).status(), Status::ok);
        (void)sleep_for(milliseconds(5));
        require_status(child.kill().status(), Status::ok);
        require_equal(static_cast<unsigned>(child.wait().cause), static_cast<unsigned>(DeathCause::killed), "cause");
    }
}

void who_receives_from_the_dying_wakes(Environment&) {
    Child child;
    require_value(child.call<Misbehave>({.how = Misbehaviour::read_null, .delay_milliseconds = 5}));
    require_status(receive(child.endpoint()).status(), Status::dead_endpoint);
    (void)child.wait();
}

void who_sends_to_the_dying_wakes(Environment&) {
    Child child;
    require_value(child.call<Misbehave>({.how = Misbehaviour::read_null, .delay_milliseconds = 5}));
    require_status(send(child.endpoint(), {}).status(), Status::dead_endpoint);
    (void)child.wait();
}

void endpoints_are_not_used_again(Environment&) {
    std::array<Endpoint, 20> seen{};
    for (Endpoint& endpoint : seen) {
        Child child;
        endpoint = child.endpoint();
        require_value(child.kill());
        (void)child.wait();
        require_status(runtime::call<AssistantProtocol, Echo>(endpoint, {}).status(), Status::dead_endpoint);
    }
    for (std::size_t i = 1; i < seen.size(); ++i) require(seen[i] != seen[i - 1], "another endpoint");
}

void processes_run_side_by_side(Environment&) {
    std::array<Child, 8> children;
    for (Child& child : children)
        for (Child& other : children)
            require_equal(require_value(other.call<Echo>({.words = {child.endpoint().value()}})).words[0],
                          std::uint64_t{child.endpoint().value()}, "echo");
}

void no_memory_is_lost(Environment&) {
    using namespace protocol::vm;
    // netmgmt answers whoever watches the tests meanwhile, and holds more or less for that.
    const Endpoint netmgmt = require_value(runtime::call<protocol::rs::RsProtocol, protocol::rs::Lookup>(
                                               endpoints::rs, {.label = Name("netmgmt"), .wait = {}}))
                                 .endpoint;
    const auto held_by_netmgmt = [&] {
        const auto held = require_value(runtime::call<VmProtocol, SpaceStatistics>(endpoints::vm, {netmgmt}));
        return held.resident_pages + held.page_table_pages;
    };
    // Two calls, between which it may run: read again until it did not.
    const auto pages = [&] {
        for (;;) {
            const auto held = held_by_netmgmt();
            const auto statistics = require_value(runtime::call<VmProtocol, MemoryStatistics>(endpoints::vm, {}));
            if (held == held_by_netmgmt()) return statistics.free + held;
        }
    };
    const auto live_and_die = [] {
        Child child;
        require_value(child.call<ScrambleRegisters>());
        (void)child.call<Misbehave>({.how = Misbehaviour::read_null, .delay_milliseconds = 0});
        (void)child.wait();
    };
    live_and_die(); // fills VM's caches of its own objects
    const std::uint32_t before = pages();
    for (int i = 0; i < 20; ++i) live_and_die();
    require_equal(pages(), before, "free pages and those of netmgmt");
}

void unknown_programs_and_children(Environment&) {
    using namespace protocol::pm;
    runtime::ServiceConnection<PmProtocol> pm{"pm"};
    require_status(pm.call<Spawn>({.program = Name("no_such_program")}).status(), Status::no_entry);
    require_status(pm.call<Spawn>({.program = Name("ds.conf")}).status(), Status::not_executable);
    require_status(pm.call<Wait>({.process_id = 9999}).status(), Status::no_such);
    require_status(pm.call<Kill>({.process_id = 9999, .signal = Signal::kill}).status(), Status::no_such);
}

constexpr std::array tests{
    Test{"death.every_way", every_way_to_die},
    Test{"death.out_of_memory", out_of_memory},
    Test{"death.hang", one_that_hangs_is_killed},
    Test{"death.wakes_receiver", who_receives_from_the_dying_wakes},
    Test{"death.wakes_sender", who_sends_to_the_dying_wakes},
    Test{"death.endpoints", endpoints_are_not_used_again},
    Test{"death.side_by_side", processes_run_side_by_side},
    Test{"death.no_memory_lost", no_memory_is_lost},
    Test{"death.unknown", unknown_programs_and_children},
};

} // namespace

std::span<const Test> death_tests() { return tests; }

} // namespace tessera::target
