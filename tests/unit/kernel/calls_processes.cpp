// SPDX-License-Identifier: BSD-3-Clause
// Kernel calls about the life of processes (kernel/core/calls/processes.cpp, spaces.cpp).

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/kernel_call_table.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

constexpr Endpoint nobody{200, 1};
constexpr VirtualAddress stack = user_layout::stack_end - 16;

// RS and VM as they start a program: slot, privileges, space, go.
struct Lifecycle {
    System system;

    Endpoint create(std::string_view name = "new") {
        return system.call<ProcessCreate>(system.rs(), {Name{name}}).value().endpoint;
    }
    Process& at(Endpoint endpoint) { return system.kernel->processes.at(endpoint.slot()); }
    void give_root_entry(Endpoint endpoint) {
        system.machine.root_page(system.machine.root_entries)[endpoint.slot()] = system.machine.create_space();
    }
    Status bind(Endpoint endpoint, VirtualAddress entry = program_entry, VirtualAddress top = stack) {
        return system.call<SpaceBind>(system.vm(), {endpoint, entry, top}).status();
    }
    template <class Call> Status by_rs(Endpoint endpoint) {
        return system.call<Call>(system.rs(), {endpoint}).status();
    }
    Status unbind(Endpoint endpoint) { return system.call<SpaceUnbind>(system.vm(), {endpoint}).status(); }
    Result<DeathReport> next_death(Process& supervisor) { return system.call<ProcessNextDeath>(supervisor); }
    Status inject(Process& caller, Endpoint endpoint, InjectedFault fault = InjectedFault::null_jump) {
        return system.call<ProcessInject>(caller, {endpoint, fault}).status();
    }
};

} // namespace

TEST_CASE("a process is created, bound, started, ended, reported, unbound and destroyed") {
    Lifecycle life;
    System& system = life.system;
    const Endpoint endpoint = life.create("program");
    Process& process = life.at(endpoint);
    CHECK(process.name.view() == "program");
    CHECK(life.by_rs<ProcessStart>(endpoint) == Status::invalid);
    life.give_root_entry(endpoint);
    CHECK(life.bind(endpoint) == Status::ok);
    CHECK(blocked_only_by(process, Blocker::stopped));
    CHECK(life.by_rs<ProcessStart>(endpoint) == Status::ok);
    CHECK(process.runnable());
    CHECK(process.queued);
    CHECK(process.context.instruction_pointer == program_entry.value);
    CHECK(process.context.stack_pointer == stack.value);
    CHECK(process.needs(Attention::translations));

    process.set_privileges({.kernel_call_mask = kernel_call_bits<Exit>, .primitive_mask = all_primitives});
    (void)system.call<Exit>(process, {42});
    CHECK(blocked_only_by(process, Blocker::dead));
    CHECK_FALSE(process.queued);
    const DeathReport report = life.next_death(system.rs()).value();
    CHECK(report.endpoint == endpoint);
    CHECK(report.cause == DeathCause::exited);
    CHECK(report.detail == 42);
    CHECK(life.next_death(system.rs()).status() == Status::no_entry);

    CHECK(life.by_rs<ProcessStart>(endpoint) == Status::dead_endpoint);
    CHECK(life.by_rs<ProcessDestroy>(endpoint) == Status::busy);
    CHECK(life.unbind(endpoint) == Status::ok);
    CHECK(life.by_rs<ProcessDestroy>(endpoint) == Status::ok);
    CHECK(blocked_only_by(process, Blocker::free_slot));
    CHECK(life.by_rs<ProcessDestroy>(endpoint) == Status::dead_endpoint);
    CHECK(life.create() == Endpoint{endpoint.slot(), endpoint.generation() + 1});
}

TEST_CASE("process_create fills the table and then answers no_space") {
    Lifecycle life;
    for (std::uint32_t i = 2; i < process_limit; ++i) life.create();
    CHECK(life.system.call<ProcessCreate>(life.system.rs(), {Name{"x"}}).status() == Status::no_space);
}

TEST_CASE("space_bind checks the addresses, the root entry and whose space it is") {
    Lifecycle life;
    const Endpoint endpoint = life.create();
    CHECK(life.bind(endpoint) == Status::invalid); // no root entry
    life.give_root_entry(endpoint);
    CHECK(life.bind(endpoint, user_layout::end) == Status::invalid);
    CHECK(life.bind(endpoint, {0xffff'8000'0000'0000}) == Status::invalid);
    CHECK(life.bind(endpoint, program_entry, user_layout::end) == Status::invalid);
    CHECK(blocked_only_by(life.at(endpoint), Blocker::stopped, Blocker::no_space));
    CHECK(life.bind(nobody) == Status::dead_endpoint);
    CHECK(life.bind(endpoints::vm) == Status::not_permitted);
    CHECK(life.bind(endpoint) == Status::ok);
}

namespace {

struct Fork {
    Lifecycle life;
    Process& manager = life.system.start("manager", {.service = first_service});
    Process& parent = life.system.start("parent", {.send_mask = ~0ull, .supervisor = first_service});

    Fork() { parent.privileges.service = service_ids::user; }
    Result<ProcessFork::Reply> fork() { return life.system.call<ProcessFork>(manager, {parent.endpoint}); }
    Status attach(Endpoint child) { return life.system.call<SpaceAttach>(life.system.vm(), {child}).status(); }
    void answer(Endpoint client, std::uint64_t word) {
        life.system.enter(manager, Primitive::send_nonblocking, client, System::words(word));
        REQUIRE(System::status_of(manager) == Status::ok);
    }
};

} // namespace

TEST_CASE("process_fork: parent and child wait for the same answer, and each gets its own") {
    Fork test;
    System& system = test.life.system;
    test.parent.context.others[2] = 0x1234;
    test.parent.context.thread_pointer = {0x5678};
    test.parent.extended.bytes[600] = std::byte{42};
    system.send_receive(test.parent, test.manager.endpoint, 1);
    system.receive(test.manager);
    const Endpoint endpoint = test.fork().value().child;
    Process& child = test.life.at(endpoint);
    CHECK(blocked_only_by(child, Blocker::receiving, Blocker::no_space));
    CHECK(child.name == test.parent.name);
    CHECK(child.privileges.supervisor == first_service);
    CHECK(child.context.others[2] == 0x1234);
    CHECK(child.context.thread_pointer == VirtualAddress{0x5678});
    CHECK(child.context.instruction_pointer == test.parent.context.instruction_pointer);
    CHECK(child.extended.bytes[600] == std::byte{42});
    CHECK(child.needs(Attention::translations));

    CHECK(test.attach(endpoint) == Status::invalid); // no root entry
    test.life.give_root_entry(endpoint);
    CHECK(test.attach(endpoint) == Status::ok);
    CHECK(test.attach(endpoint) == Status::invalid); // it has one
    CHECK(blocked_only_by(child, Blocker::receiving));
    test.answer(endpoint, 7);
    test.answer(test.parent.endpoint, 8);
    CHECK(child.queued);
    CHECK(test.parent.queued);
    CHECK(child.context.message.words[0] == 7);
    CHECK(test.parent.context.message.words[0] == 8);
    CHECK(System::received(child).source == test.manager.endpoint);
}

TEST_CASE("process_fork: an answer may come before the address space") {
    Fork test;
    test.life.system.send_receive(test.parent, test.manager.endpoint);
    test.life.system.receive(test.manager);
    const Endpoint endpoint = test.fork().value().child;
    Process& child = test.life.at(endpoint);
    test.answer(endpoint, 7);
    CHECK(blocked_only_by(child, Blocker::no_space));
    CHECK_FALSE(child.queued);
}

TEST_CASE("process_fork refuses services, the dead, and who waits for somebody else") {
    Fork test;
    System& system = test.life.system;
    CHECK(test.fork().status() == Status::invalid); // it runs
    Process& other = system.start("other", {.service = {20}});
    system.send_receive(test.parent, other.endpoint);
    CHECK(test.fork().status() == Status::invalid); // it is still sending
    system.receive(other);
    CHECK(test.fork().status() == Status::invalid); // for an answer of another
    CHECK(system.call<ProcessFork>(test.manager, {nobody}).status() == Status::dead_endpoint);
    system.send_receive(other, test.manager.endpoint);
    system.receive(test.manager);
    CHECK(system.call<ProcessFork>(test.manager, {other.endpoint}).status() == Status::not_permitted);
    system.die(test.parent);
    CHECK(test.fork().status() == Status::dead_endpoint);
}

TEST_CASE("space_attach is for a process that goes on where it is") {
    Lifecycle life;
    System& system = life.system;
    const Endpoint endpoint = life.create();
    life.give_root_entry(endpoint);
    CHECK(system.call<SpaceAttach>(system.vm(), {endpoint}).status() == Status::invalid); // it was nowhere yet
    CHECK(system.call<SpaceAttach>(system.vm(), {nobody}).status() == Status::dead_endpoint);
}

TEST_CASE("space_bind starts a process anew: what it waited for is abandoned") {
    Lifecycle life;
    System& system = life.system;
    Process& process = system.start("p");
    Process& server = system.start("server");
    SECTION("an answer") { system.send_receive(process, server.endpoint); }
    SECTION("a page") { system.page_fault(process, 1); }
    SECTION("memory for a call") { (void)system.call<CountersRead>(process, {missing}); }
    REQUIRE_FALSE(process.runnable());
    CHECK(life.bind(process.endpoint) == Status::ok);
    CHECK(process.runnable());
    CHECK(process.queued);
    CHECK_FALSE(process.needs(Attention::restart_call));
    CHECK(server.first_sender == nullptr);
    CHECK(system.vm().first_sender == nullptr);
}

TEST_CASE("space_unbind is for the dead and the stopped") {
    Lifecycle life;
    Process& process = life.system.start("p");
    CHECK(life.unbind(process.endpoint) == Status::busy);
    CHECK(life.unbind(nobody) == Status::dead_endpoint);
    const bool dies = GENERATE(false, true);
    if (dies)
        life.system.die(process);
    else
        CHECK(life.by_rs<ProcessStop>(process.endpoint) == Status::ok);
    CHECK(life.unbind(process.endpoint) == Status::ok);
    CHECK(process.blocked_by(Blocker::no_space));
    if (!dies) CHECK(life.by_rs<ProcessStart>(process.endpoint) == Status::invalid);
}

TEST_CASE("space_flush drops translations before the process runs again") {
    Lifecycle life;
    Process& process = life.system.start("p");
    process.settle(Attention::translations);
    CHECK(life.system.call<SpaceFlush>(life.system.vm(), {process.endpoint}).status() == Status::ok);
    CHECK(process.needs(Attention::translations));
    CHECK(life.system.call<SpaceFlush>(life.system.vm(), {nobody}).status() == Status::dead_endpoint);
}

TEST_CASE("root_entries_set changes where the kernel reads root entries") {
    Lifecycle life;
    System& system = life.system;
    Process& process = system.start("p");
    const PhysicalAddress page{0x20'0000};
    system.machine.root_page(page) = system.machine.root_page(system.boot_info.root_entries);
    CHECK(system.call<RootEntriesSet>(system.vm(), {page + 8}).status() == Status::invalid);
    CHECK(system.machine.root_entries == system.boot_info.root_entries);
    CHECK(system.call<RootEntriesSet>(system.vm(), {page}).status() == Status::ok);
    CHECK(system.machine.root_entries == page);
    system.machine.root_page(page)[process.endpoint.slot()] = {};
    CHECK(system.call<CountersRead>(process, {data}).status() == Status::bad_address);
}

TEST_CASE("root_entries_set takes no page that is not VM's memory: the kernel would fault when it reads it") {
    System system;
    const MemoryRange memory = system.boot_info.ranges[0], device = system.boot_info.ranges[1];
    REQUIRE(memory.kind == MemoryKind::free);
    REQUIRE(device.kind == MemoryKind::reserved);
    const PhysicalAddress last = memory.base + memory.bytes - page_bytes;
    for (const PhysicalAddress page : {PhysicalAddress{0}, memory.base - page_bytes, memory.base + memory.bytes,
                                       device.base, PhysicalAddress{1ull << 52}, PhysicalAddress{~0ull << 12}}) {
        CHECK(system.call<RootEntriesSet>(system.vm(), {page}).status() == Status::invalid);
        CHECK(system.machine.root_entries == system.boot_info.root_entries);
    }
    CHECK(system.call<RootEntriesSet>(system.vm(), {last}).status() == Status::ok);
    CHECK(system.machine.root_entries == last);
}

TEST_CASE("a stopped process holds until it is started, with what it received meanwhile") {
    Lifecycle life;
    System& system = life.system;
    Process& process = system.start("p");
    Process& client = system.start("client");
    system.receive(process);
    CHECK(life.by_rs<ProcessStop>(process.endpoint) == Status::ok);
    system.send(client, process.endpoint, 9);
    CHECK(client.runnable());
    CHECK(blocked_only_by(process, Blocker::stopped));
    CHECK_FALSE(process.queued);
    CHECK(life.by_rs<ProcessStart>(process.endpoint) == Status::ok);
    CHECK(process.runnable());
    CHECK(System::received(process).message.words == System::words(9).words);
    CHECK(life.by_rs<ProcessStop>(nobody) == Status::dead_endpoint);
    CHECK(life.by_rs<ProcessStart>(nobody) == Status::dead_endpoint);
}

TEST_CASE("VM and RS are not stopped, killed or made to fault") {
    Lifecycle life;
    const Endpoint core = GENERATE(as<Endpoint>{}, endpoints::vm, endpoints::rs);
    CHECK(life.by_rs<ProcessStop>(core) == Status::not_permitted);
    CHECK(life.by_rs<ProcessKill>(core) == Status::not_permitted);
    CHECK(life.inject(life.system.start("p"), core) == Status::not_permitted);
    CHECK(life.at(core).runnable());
}

TEST_CASE("process_kill ends a process in any state") {
    Lifecycle life;
    System& system = life.system;
    Process& process = system.start("p");
    Process& other = system.start("other");
    SECTION("running") {}
    SECTION("sending") { system.send(process, other.endpoint); }
    SECTION("waiting for an answer") { system.send_receive(process, other.endpoint); }
    SECTION("receiving") { system.receive(process); }
    SECTION("with a page fault") { system.page_fault(process, 1); }
    SECTION("in a call that waits for VM") { (void)system.call<CountersRead>(process, {missing}); }
    SECTION("stopped") { CHECK(life.by_rs<ProcessStop>(process.endpoint) == Status::ok); }
    const bool was_stopped = process.blocked_by(Blocker::stopped);
    CHECK(life.by_rs<ProcessKill>(process.endpoint) == Status::ok);
    CHECK(process.blockers == (static_cast<std::uint32_t>(Blocker::dead) |
                               (was_stopped ? static_cast<std::uint32_t>(Blocker::stopped) : 0)));
    CHECK(process.death.cause == DeathCause::killed);
    CHECK(other.first_sender == nullptr);
    CHECK(system.vm().first_sender == nullptr);
    CHECK(life.by_rs<ProcessKill>(process.endpoint) == Status::dead_endpoint);
    CHECK(life.by_rs<ProcessStop>(process.endpoint) == Status::dead_endpoint);
}

TEST_CASE("an injected null jump abandons what the process waited for and faults at its next instruction") {
    Lifecycle life;
    System& system = life.system;
    Process& process = system.start("p");
    Process& other = system.start("other");
    process.context.entry = arch::EntryKind::call;
    SECTION("running") {}
    SECTION("sending") { system.send(process, other.endpoint); }
    SECTION("waiting for an answer") { system.send_receive(process, other.endpoint); }
    SECTION("receiving") { system.receive(process, other.endpoint); }
    SECTION("with a page fault") { system.page_fault(process, 1); }
    SECTION("in a call that waits for VM") { (void)system.call<CountersRead>(process, {missing}); }
    CHECK(life.inject(system.rs(), process.endpoint) == Status::ok);
    CHECK(process.runnable());
    CHECK(process.queued);
    CHECK(process.context.instruction_pointer == 0);
    CHECK(process.context.entry == arch::EntryKind::interrupt);
    CHECK_FALSE(process.needs(Attention::restart_call));
    CHECK_FALSE(process.awaits_reply);
    CHECK(other.first_sender == nullptr);
    CHECK(system.vm().first_sender == nullptr);
}

TEST_CASE("process_inject: an illegal instruction, and what it refuses") {
    Lifecycle life;
    System& system = life.system;
    Process& process = system.start("p");
    Process& tester = system.start("tester");
    CHECK(life.inject(tester, process.endpoint, static_cast<InjectedFault>(2)) == Status::invalid);
    CHECK(life.inject(tester, tester.endpoint) == Status::invalid);
    CHECK(life.inject(tester, life.create()) == Status::invalid);
    CHECK(life.inject(tester, nobody) == Status::dead_endpoint);
    CHECK(process.context.instruction_pointer == program_entry.value);
    CHECK(life.inject(tester, process.endpoint, InjectedFault::illegal_instruction) == Status::ok);
    CHECK(process.death.cause == DeathCause::illegal_instruction);
    CHECK(process.death.instruction_pointer == program_entry.value);
}

TEST_CASE("exit with another status than 0 is a warning in the log") {
    const auto [exit_status, level] = GENERATE(table<std::uint64_t, LogLevel>({
        {0, LogLevel::info},
        {1, LogLevel::warning},
    }));
    Lifecycle life;
    System& system = life.system;
    (void)system.call<Exit>(system.start("p"), {exit_status});
    const LogRecord& record = **system.kernel->log.read(1);
    CHECK(record.level == level);
    CHECK(record.source == endpoints::kernel);
    CHECK(std::string_view(record.text.data(), record.length) == std::format("p died: exit {}", exit_status));
}

TEST_CASE("a program that exits is not in the log, one that is killed is") {
    System system;
    Process& first = system.start("first");
    Process& second = system.start("second");
    first.privileges.service = second.privileges.service = service_ids::user;
    (void)system.call<Exit>(first, {1});
    CHECK_FALSE(system.kernel->log.read(1).has_value());
    system.die(second);
    CHECK(system.kernel->log.read(1).has_value());
}

TEST_CASE("set_thread_pointer takes user addresses") {
    System system;
    Process& process = system.start("p");
    const auto set = [&](VirtualAddress address) { return system.call<SetThreadPointer>(process, {address}).status(); };
    CHECK(set(user_layout::end) == Status::invalid);
    CHECK(set({0xffff'8000'0000'0000}) == Status::invalid);
    CHECK(process.context.thread_pointer == VirtualAddress{});
    CHECK(set(data) == Status::ok);
    CHECK(process.context.thread_pointer == data);
}
