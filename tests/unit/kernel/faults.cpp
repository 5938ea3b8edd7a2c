// SPDX-License-Identifier: BSD-3-Clause
// Page faults of user mode: messages to VM that only the kernel can make, and VM's answers.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

Status resolve(System& system, const Process& process, Status status) {
    return system.call<FaultResolve>(system.vm(), {process.endpoint, status}).status();
}

} // namespace

TEST_CASE("a page fault is a message to VM that says where and how, and the process waits") {
    System system;
    Process& process = system.start("p");
    process.context.instruction_pointer = 0x40'5678;
    process.context.message = System::words(77);
    const bool vm_waits = GENERATE(false, true);
    if (vm_waits) system.receive(system.vm());
    const FaultAccess access = GENERATE(FaultAccess::read, FaultAccess::write, FaultAccess::execute);
    system.page_fault(process, 0xdead'b000, access);
    CHECK(blocked_only_by(process, Blocker::page_fault));
    CHECK_FALSE(process.queued);
    if (!vm_waits) system.receive(system.vm());

    REQUIRE(system.vm().runnable());
    const Received received = System::received(system.vm());
    CHECK(received.kind == MessageKind::fault);
    CHECK(received.source == process.endpoint);
    const auto fault = unpack<FaultMessage>(received.message);
    CHECK(fault.address == 0xdead'b000);
    CHECK(fault.instruction_pointer == 0x40'5678);
    CHECK(fault.access == static_cast<std::uint64_t>(access));
    CHECK(system.kernel->counters.page_faults == 1);
    CHECK(process.faults == 1);
    CHECK(system.kernel->counters.messages == 0);

    CHECK(resolve(system, process, Status::ok) == Status::ok);
    CHECK(process.runnable());
    CHECK(process.context.message.words == System::words(77).words); // its registers are as they were
    CHECK(resolve(system, process, Status::ok) == Status::invalid);
}

TEST_CASE("a fault that VM refuses kills the process with the address that it touched") {
    System system;
    Process& process = system.start("p");
    system.page_fault(process, 0x10);
    system.receive(system.vm());
    CHECK(resolve(system, process, Status::bad_address) == Status::ok);
    CHECK(blocked_only_by(process, Blocker::dead));
    CHECK(process.death.cause == DeathCause::page_fault);
    CHECK(process.death.detail == 0x10);
    CHECK(resolve(system, process, Status::ok) == Status::dead_endpoint);
}

TEST_CASE("faults reach VM in the order in which they happened") {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    Process& c = system.start("c");
    system.page_fault(c, 1);
    system.page_fault(a, 2);
    system.send(b, endpoints::vm, 3);
    for (const Process* expected : {&c, &a, &b}) {
        system.receive(system.vm());
        CHECK(System::received(system.vm()).source == expected->endpoint);
    }
    CHECK(System::received(system.vm()).kind == MessageKind::message);
}

TEST_CASE("fault_resolve is for processes that wait for VM") {
    System system;
    Process& process = system.start("p");
    CHECK(resolve(system, process, Status::ok) == Status::invalid);
    system.receive(process);
    CHECK(resolve(system, process, Status::ok) == Status::invalid);
    CHECK(blocked_only_by(process, Blocker::receiving));
    CHECK(system.call<FaultResolve>(system.vm(), {Endpoint{200, 1}, Status::ok}).status() == Status::dead_endpoint);
}

TEST_CASE("an answer to a fault that VM has not received does not take the process out of VM's queue unseen") {
    System system;
    Process& process = system.start("p");
    Process& other = system.start("other");
    system.page_fault(process, 1);
    system.receive(system.vm());
    // While VM works on it, the process is made to fault elsewhere: the first fault is abandoned.
    REQUIRE(system.call<ProcessInject>(system.rs(), {process.endpoint, InjectedFault::null_jump}).has_value());
    REQUIRE(process.runnable());
    system.page_fault(process, 0, FaultAccess::execute);
    system.page_fault(other, 2);
    CHECK(resolve(system, process, Status::ok) == Status::invalid);
    CHECK(blocked_only_by(process, Blocker::page_fault));
    for (const Process* expected : {&process, &other}) {
        system.receive(system.vm());
        CHECK(System::received(system.vm()).source == expected->endpoint);
    }
    CHECK(resolve(system, process, Status::bad_address) == Status::ok);
    CHECK(resolve(system, other, Status::ok) == Status::ok);
    system.receive(system.vm());
    CHECK(blocked_only_by(system.vm(), Blocker::receiving));
}

TEST_CASE("a process that is killed while its fault waits leaves VM's queue") {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    system.page_fault(a, 1);
    system.page_fault(b, 2);
    system.die(a);
    CHECK(system.vm().first_sender == &b);
    CHECK(system.vm().last_sender == &b);
    CHECK(a.next_sender == nullptr);
    system.die(b);
    CHECK(system.vm().first_sender == nullptr);
    CHECK(system.vm().last_sender == nullptr);
}

TEST_CASE("a fault interrupts no message: who waits to send to the process goes on waiting") {
    System system;
    Process& process = system.start("p");
    Process& client = system.start("client");
    system.send_receive(client, process.endpoint, 5);
    system.page_fault(process, 1);
    system.receive(system.vm());
    CHECK(resolve(system, process, Status::ok) == Status::ok);
    system.receive(process);
    CHECK(System::received(process).message.words == System::words(5).words);
}

TEST_CASE("what a process sends after a fault is a message") {
    System system;
    Process& process = system.start("p");
    system.page_fault(process, 1);
    system.receive(system.vm());
    REQUIRE(resolve(system, process, Status::ok) == Status::ok);
    system.send(process, endpoints::vm, 8);
    system.receive(system.vm());
    CHECK(System::received(system.vm()).kind == MessageKind::message);
    CHECK(System::received(system.vm()).message.words == System::words(8).words);
    CHECK(process.runnable());
}

TEST_CASE("VM can wait for the fault of one process") {
    System system;
    Process& a = system.start("a");
    Process& b = system.start("b");
    system.page_fault(a, 1);
    system.receive(system.vm(), b.endpoint);
    CHECK(blocked_only_by(system.vm(), Blocker::receiving));
    system.page_fault(b, 2);
    REQUIRE(system.vm().runnable());
    CHECK(System::received(system.vm()).source == b.endpoint);
    CHECK(System::received(system.vm()).kind == MessageKind::fault);
}
