// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/kernel_call_table.h"
#include "kernel/core/signals.h"
#include "tests/unit/kernel/system.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

constexpr VirtualAddress handler{0x40'2000};
constexpr SignalSet user_1 = set_of(Signal::user_1), user_2 = set_of(Signal::user_2);

// One process that handles two signals, with its stack in the data pages.
struct Signals {
    System system;
    Process& process = system.start("process", {.service = {20}});
    Process& poster = system.start("poster", {.priority = 8});

    Signals() {
        process.context.stack_pointer = stack.value;
        act(user_1 | user_2);
        system.receive(system.vm());
        system.receive(system.rs());
    }
    static constexpr VirtualAddress stack = data + data_bytes;

    void act(SignalSet handled, SignalSet ignored = {}) {
        REQUIRE(system.call<SignalActions>(process, {handler, handled, ignored}).has_value());
    }
    SignalEffect post(Signal signal) { return system.call<SignalPost>(poster, {process.endpoint, signal})->effect; }
    SignalSet mask(MaskChange change, SignalSet signals) {
        return system.call<SignalMask>(process, {change, signals})->before;
    }
    // Who runs next, when the poster does not; what is delivered to it is.
    Process& next() {
        poster.block(Blocker::stopped);
        system.kernel->scheduler.update(poster);
        Process& chosen = system.kernel->next();
        poster.unblock(Blocker::stopped);
        system.kernel->scheduler.update(poster);
        return chosen;
    }
    void run() { CHECK(&next() == &process); }
    bool in_handler() const { return process.context.instruction_pointer == handler.value; }
    VirtualAddress frame_address() const { return {process.context.peer}; }
    SignalFrame frame() { return system.memory(process).get<SignalFrame>(frame_address()); }
    void put(const SignalFrame& frame, VirtualAddress where) { system.memory(process).put(where, frame); }
    void return_from(VirtualAddress where) {
        // What it finds in its registers then is no answer.
        process.context.operation = std::uint64_t{kernel_call_number<SignalReturn>} << 8;
        process.context.message = pack(SignalReturn::Request{where});
        system.kernel->user_call(process);
    }
    bool ended_by(Signal signal) const {
        return process.blocked_by(Blocker::dead) && process.death.cause == DeathCause::signalled &&
               process.death.detail == static_cast<std::uint64_t>(signal);
    }
};

} // namespace

TEST_CASE_METHOD(Signals, "a handled signal: a frame below the red zone, and everything as it was afterwards") {
    process.context.others = {1, 2, 3, 4, 5};
    process.context.flags = 0x42;
    process.context.thread_pointer = {0x5678};
    process.extended.bytes[100] = std::byte{7};
    const arch::UserContext before = process.context;
    CHECK(post(Signal::user_1) == SignalEffect::delivered);
    run();
    REQUIRE(in_handler());
    CHECK(frame_address().value % 64 == 0);
    CHECK(frame_address() + sizeof(SignalFrame) <= stack - red_zone_bytes);
    CHECK(process.context.stack_pointer == frame_address().value - 8);
    CHECK(process.context.thread_pointer == before.thread_pointer);
    CHECK(process.extended.bytes[100] == std::byte{});
    CHECK(frame().signal == Signal::user_1);
    CHECK(frame().cause == DeathCause::none);
    CHECK(frame().registers.others == before.others);
    CHECK(process.signals.mask == ~never_masked);

    return_from(frame_address());
    run();
    CHECK(process.context.others == before.others);
    CHECK(process.context.flags == before.flags);
    CHECK(process.context.instruction_pointer == before.instruction_pointer);
    CHECK(process.context.stack_pointer == before.stack_pointer);
    CHECK(process.context.operation == before.operation);
    CHECK(process.context.entry == arch::EntryKind::interrupt);
    CHECK(process.extended.bytes[100] == std::byte{7});
    CHECK(process.signals.mask == SignalSet{});
}

TEST_CASE_METHOD(Signals, "registers that are in the machine are in the frame") {
    run();
    system.machine.extended.bytes[300] = std::byte{9};
    CHECK(post(Signal::user_1) == SignalEffect::delivered);
    run();
    CHECK(frame().extended[300] == std::byte{9});
    CHECK(system.machine.extended.bytes[300] == std::byte{});
}

TEST_CASE_METHOD(Signals, "what is usual: most end the process, some do nothing") {
    CHECK(post(Signal::child) == SignalEffect::nothing);
    CHECK(post(Signal::stop) == SignalEffect::nothing);
    CHECK(post(Signal::terminate) == SignalEffect::ended);
    CHECK(ended_by(Signal::terminate));
    CHECK(system.call<SignalPost>(poster, {process.endpoint, Signal::user_1}).status() == Status::dead_endpoint);
}

TEST_CASE_METHOD(Signals, "an ignored signal does nothing; kill and stop are neither ignored, handled nor held back") {
    act(all_signals, {});
    act({}, all_signals);
    mask(MaskChange::replace, all_signals);
    mask(MaskChange::replace, {});
    CHECK(post(Signal::terminate) == SignalEffect::nothing);
    mask(MaskChange::replace, all_signals);
    CHECK(post(Signal::kill) == SignalEffect::ended);
    CHECK(ended_by(Signal::kill));
}

TEST_CASE_METHOD(Signals, "a signal that is held back comes when it no longer is") {
    CHECK(mask(MaskChange::add, user_1) == SignalSet{});
    CHECK(post(Signal::user_1) == SignalEffect::held_back);
    CHECK(post(Signal::user_1) == SignalEffect::held_back);
    run();
    CHECK_FALSE(in_handler());
    CHECK(system.call<SignalMask>(process, {MaskChange::add, {}})->pending == user_1);
    CHECK(mask(MaskChange::remove, user_1) == user_1);
    run();
    CHECK(in_handler());
    CHECK(process.signals.pending == SignalSet{});             // twice is once
    CHECK(frame().registers.message.words[0] == user_1.value); // the reply of the call
    CHECK(frame().mask == SignalSet{});
}

TEST_CASE_METHOD(Signals, "a signal that was held back ends or does nothing, as it would have") {
    mask(MaskChange::replace, all_signals);
    CHECK(post(Signal::child) == SignalEffect::held_back);
    CHECK(post(Signal::terminate) == SignalEffect::held_back);
    mask(MaskChange::replace, ~set_of(Signal::child));
    run();
    CHECK_FALSE(process.blocked_by(Blocker::dead));
    mask(MaskChange::replace, {});
    CHECK(&next() == &system.rs()); // it is told
    CHECK(ended_by(Signal::terminate));
}

TEST_CASE_METHOD(Signals, "several signals: the lowest first, the next when the handler lets it") {
    post(Signal::user_2);
    post(Signal::user_1);
    run();
    CHECK(frame().signal == Signal::user_1);
    mask(MaskChange::replace, user_1);
    run();
    CHECK(frame().signal == Signal::user_2);
    CHECK(frame().mask == user_1);
}

TEST_CASE_METHOD(Signals, "a fault that VM refuses is a signal with its address") {
    act(set_of(Signal::segmentation_fault));
    system.page_fault(process, 0x1234);
    CHECK(system.call<FaultResolve>(system.vm(), {process.endpoint, Status::bad_address}).has_value());
    system.receive(system.vm());
    run();
    REQUIRE(in_handler());
    CHECK(frame().cause == DeathCause::page_fault);
    CHECK(frame().detail == 0x1234);
    CHECK(frame().signal == Signal::segmentation_fault);
    // A fault in the handler, where the signal is held back, is the end.
    system.kernel->user_exception(process, {DeathCause::general_protection});
    CHECK(process.death.cause == DeathCause::general_protection);
}

TEST_CASE_METHOD(Signals, "exceptions are signals for who handles them, and deaths for others") {
    act(set_of(Signal::arithmetic_error));
    system.kernel->user_exception(process, {DeathCause::divide_error});
    run();
    CHECK(frame().signal == Signal::arithmetic_error);
    return_from(frame_address());
    system.kernel->user_exception(process, {DeathCause::illegal_instruction});
    CHECK(process.death.cause == DeathCause::illegal_instruction);
}

TEST_CASE_METHOD(Signals, "a signal ends a receive, not the wait for an answer") {
    system.receive(process);
    post(Signal::user_1);
    CHECK(System::status_of(process) == Status::interrupted);
    run();
    CHECK(in_handler());
    return_from(frame_address());
    run();
    CHECK(System::status_of(process) == Status::interrupted);

    system.receive(poster);
    system.send_receive(process, poster.endpoint, 5);
    CHECK(post(Signal::user_1) == SignalEffect::delivered);
    CHECK(blocked_only_by(process, Blocker::receiving));
    system.enter(poster, Primitive::send_nonblocking, process.endpoint, System::words(6));
    run();
    REQUIRE(in_handler());
    CHECK(frame().registers.message.words[0] == 6);
}

TEST_CASE_METHOD(Signals, "a signal that is not handled ends who waits for an answer") {
    system.send_receive(process, poster.endpoint);
    CHECK(post(Signal::terminate) == SignalEffect::ended);
    system.receive(poster);
    CHECK(poster.blocked_by(Blocker::receiving)); // nobody sends any more
}

TEST_CASE_METHOD(Signals, "VM brings the stack that the frame needs") {
    process.context.stack_pointer = missing.value + 2 * page_bytes;
    post(Signal::user_1);
    CHECK(&next() == &system.vm());
    CHECK(blocked_only_by(process, Blocker::vm_request));
    CHECK(System::received(system.vm()).kind == MessageKind::memory_request);

    SECTION("it does") {
        system.memory(process).map(missing, 2 * page_bytes);
        CHECK(system.call<FaultResolve>(system.vm(), {process.endpoint, Status::ok}).has_value());
        system.receive(system.vm());
        run();
        CHECK(in_handler());
    }
    SECTION("it refuses") {
        CHECK(system.call<FaultResolve>(system.vm(), {process.endpoint, Status::bad_address}).has_value());
        CHECK(process.death.cause == DeathCause::page_fault);
    }
}

TEST_CASE_METHOD(Signals, "a stack that is not in user space ends the process") {
    process.context.stack_pointer = 64;
    post(Signal::user_1);
    CHECK(&next() == &system.rs());
    CHECK(process.death.cause == DeathCause::page_fault);
}

TEST_CASE_METHOD(Signals, "of a frame that the process made up, only what does no harm is believed") {
    SignalFrame frame;
    frame.registers.instruction_pointer = program_entry.value;
    frame.registers.stack_pointer = stack.value;
    frame.registers.flags = ~0ull;
    frame.registers.operation = 77;
    frame.mask = all_signals;
    frame.extended.fill(std::byte{0xff});
    put(frame, data);
    return_from(data);
    CHECK(process.context.flags == host::program_flags);
    CHECK(process.context.operation == 77);
    CHECK(process.extended.bytes[host::reserved_extended_byte] == std::byte{});
    CHECK(process.signals.mask == ~never_masked);

    const auto harmful = GENERATE(0x7f'ffff'ffffull + 1, ~0ull, 1ull << 47);
    frame.registers.instruction_pointer = harmful;
    put(frame, data);
    return_from(data);
    CHECK(ended_by(Signal::segmentation_fault));
}

TEST_CASE_METHOD(Signals, "a frame that cannot be read is an error") {
    CHECK(system.call<SignalReturn>(process, {VirtualAddress{~0ull}}).status() == Status::bad_address);
    CHECK(system.call<SignalReturn>(process, {missing}).status() == Status::suspended);
}

TEST_CASE_METHOD(Signals, "signal_wait holds back other signals meanwhile") {
    mask(MaskChange::replace, user_1);
    system.enter_kernel_call(process, kernel_call_number<SignalWait>, pack(SignalWait::Request{user_2}));
    CHECK(blocked_only_by(process, Blocker::signal_wait));
    CHECK(post(Signal::user_2) == SignalEffect::held_back);
    CHECK(post(Signal::child) == SignalEffect::nothing);
    CHECK(blocked_only_by(process, Blocker::signal_wait));
    CHECK(post(Signal::user_1) == SignalEffect::delivered);
    run();
    REQUIRE(in_handler());
    CHECK(frame().mask == user_1);
    CHECK(static_cast<Status>(-static_cast<std::int64_t>(frame().registers.operation)) == Status::interrupted);
}

TEST_CASE_METHOD(Signals, "signal_wait takes what is pending already") {
    mask(MaskChange::replace, user_1);
    post(Signal::user_1);
    CHECK(system.call<SignalWait>(process, {SignalSet{}}).status() == Status::interrupted);
    run();
    REQUIRE(in_handler());
    CHECK(frame().mask == user_1);
}

TEST_CASE_METHOD(Signals, "another program has no handlers, and ignores what the former did") {
    act(user_1, user_2);
    mask(MaskChange::replace, set_of(Signal::alarm));
    post(Signal::alarm);
    CHECK(system.call<SpaceBind>(poster, {process.endpoint, program_entry, stack}).has_value());
    CHECK(process.signals.mask == set_of(Signal::alarm));
    CHECK(process.signals.pending == set_of(Signal::alarm));
    CHECK(post(Signal::user_2) == SignalEffect::nothing);
    CHECK(post(Signal::user_1) == SignalEffect::ended);
}

TEST_CASE_METHOD(Signals, "bad requests") {
    CHECK(system.call<SignalActions>(process, {VirtualAddress{~0ull}, {}, {}}).status() == Status::invalid);
    CHECK(system.call<SignalMask>(process, {static_cast<MaskChange>(3), {}}).status() == Status::invalid);
    CHECK(system.call<SignalRaise>(process, {Signal::none}).status() == Status::invalid);
    CHECK(system.call<SignalRaise>(process, {static_cast<Signal>(65)}).status() == Status::invalid);
    CHECK(system.call<SignalPost>(poster, {process.endpoint, static_cast<Signal>(65)}).status() == Status::invalid);
    CHECK(system.call<SignalPost>(poster, {endpoints::vm, Signal::kill}).status() == Status::not_permitted);
    CHECK(system.call<SignalPost>(poster, {endpoints::none, Signal::kill}).status() == Status::dead_endpoint);
}

TEST_CASE_METHOD(Signals, "own_endpoint") { CHECK(system.call<OwnEndpoint>(process)->endpoint == process.endpoint); }
