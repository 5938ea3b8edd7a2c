// SPDX-License-Identifier: BSD-3-Clause
// Kernel calls that need user memory which is not there: VM is asked, and the call runs again from its start.

#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

struct Asking {
    System system;
    Process& caller = system.start("caller");

    MemoryRequest request_at_vm() {
        system.receive(system.vm());
        const Received received = System::received(system.vm());
        CHECK(system.vm().runnable());
        CHECK(received.kind == MessageKind::memory_request);
        CHECK(received.source == caller.endpoint);
        return unpack<MemoryRequest>(received.message);
    }
    Status resolve(Status status) { return system.call<FaultResolve>(system.vm(), {caller.endpoint, status}).status(); }
    // Lets the kernel run until it would run `caller`; all others wait.
    void run_caller() {
        system.receive(system.vm());
        if (system.rs().runnable()) system.receive(system.rs());
        REQUIRE(&system.kernel->next() == &caller);
    }
};

} // namespace

TEST_CASE("a call that meets a missing page asks VM and is run again when VM has resolved it") {
    Asking a;
    const auto first = a.system.call<LogWrite>(a.caller, {missing, 5, LogLevel::info});
    CHECK(first.status() == Status::suspended);
    CHECK(blocked_only_by(a.caller, Blocker::vm_request));
    CHECK_FALSE(a.caller.queued);
    const std::string before = a.system.machine.console;

    const MemoryRequest request = a.request_at_vm();
    CHECK(request.process == a.caller.endpoint.value());
    CHECK(request.address == missing.value);
    CHECK(request.bytes == 5);
    CHECK(request.access == static_cast<std::uint64_t>(FaultAccess::read));
    CHECK(a.system.kernel->counters.copy_faults == 1);

    a.system.memory(a.caller).map(missing, page_bytes);
    a.system.memory(a.caller).put_text(missing, "hello");
    CHECK(a.resolve(Status::ok) == Status::ok);
    CHECK(a.caller.runnable());
    a.run_caller();
    CHECK(System::reply_of<LogWrite>(a.caller).status() == Status::ok);
    CHECK(a.system.machine.console.substr(before.size()).ends_with("caller: hello\n"));
}

TEST_CASE("memory that VM refuses makes the call answer bad_address, and it is not run again") {
    Asking a;
    REQUIRE(a.system.call<LogWrite>(a.caller, {missing, 5, LogLevel::info}).status() == Status::suspended);
    a.request_at_vm();
    CHECK(a.resolve(Status::out_of_memory) == Status::ok);
    CHECK(a.caller.runnable());
    CHECK(System::status_of(a.caller) == Status::bad_address);
    a.run_caller();
    CHECK(System::status_of(a.caller) == Status::bad_address);
    CHECK(a.system.kernel->counters.copy_faults == 1);
}

TEST_CASE("a page that is missing still, or another one, is asked for again") {
    Asking a;
    const VirtualAddress two_pages = missing + page_bytes - 2;
    REQUIRE(a.system.call<LogWrite>(a.caller, {two_pages, 4, LogLevel::info}).status() == Status::suspended);
    a.request_at_vm();
    a.system.memory(a.caller).map(missing, page_bytes);
    CHECK(a.resolve(Status::ok) == Status::ok);
    a.system.receive(a.system.rs());
    a.system.receive(a.system.vm());
    CHECK(&a.system.kernel->next() == &a.system.vm()); // the call was run again and asked again
    CHECK(blocked_only_by(a.caller, Blocker::vm_request));
    CHECK(System::received(a.system.vm()).kind == MessageKind::memory_request);
    a.system.memory(a.caller).map(missing + page_bytes, page_bytes);
    a.system.memory(a.caller).put_text(two_pages, "four");
    CHECK(a.resolve(Status::ok) == Status::ok);
    a.run_caller();
    CHECK(System::status_of(a.caller) == Status::ok);
    CHECK(a.system.machine.console.ends_with("caller: four\n"));
}

TEST_CASE("each call that reads or writes the caller's memory says which bytes it needs, and how") {
    struct Need {
        std::uint64_t bytes;
        FaultAccess access;
    };
    Asking a;
    const Endpoint self = a.caller.endpoint;
    Need need{};
    Status status = Status::ok;
    SECTION("log_write") {
        need = {9, FaultAccess::read};
        status = a.system.call<LogWrite>(a.caller, {missing, 9, LogLevel::info}).status();
    }
    SECTION("log_read") {
        a.system.kernel->write_log(LogLevel::info, "line");
        need = {sizeof(LogRecord), FaultAccess::write};
        status = a.system.call<LogRead>(a.caller, {1, missing}).status();
    }
    SECTION("process_read") {
        need = {sizeof(ProcessInformation), FaultAccess::write};
        status = a.system.call<ProcessRead>(a.caller, {0, missing}).status();
    }
    SECTION("privilege_set") {
        need = {sizeof(Privileges), FaultAccess::read};
        status = a.system.call<PrivilegeSet>(a.caller, {self, missing}).status();
    }
    SECTION("privilege_get") {
        need = {sizeof(Privileges), FaultAccess::write};
        status = a.system.call<PrivilegeGet>(a.caller, {self, missing}).status();
    }
    SECTION("counters_read") {
        need = {sizeof(KernelCounters), FaultAccess::write};
        status = a.system.call<CountersRead>(a.caller, {missing}).status();
    }
    SECTION("machine_read") {
        need = {sizeof(MachineInformation), FaultAccess::write};
        status = a.system.call<MachineRead>(a.caller, {missing}).status();
    }
    SECTION("grant_read, the table") {
        REQUIRE(a.system.call<GrantTableSet>(a.caller, {missing, 1}).has_value());
        need = {sizeof(GrantEntry), FaultAccess::read};
        status = a.system.call<GrantRead>(a.caller, {self, 0, data}).status();
    }
    SECTION("grant_read, the reply") {
        REQUIRE(a.system.call<GrantTableSet>(a.caller, {data, 1}).has_value());
        a.system.memory(a.caller).put(data, GrantEntry{.kind = GrantKind::direct});
        need = {sizeof(GrantEntry), FaultAccess::write};
        status = a.system.call<GrantRead>(a.caller, {self, 0, missing}).status();
    }
    CHECK(status == Status::suspended);
    const MemoryRequest request = a.request_at_vm();
    CHECK(request.process == self.value());
    CHECK(request.address == missing.value);
    CHECK(request.bytes == need.bytes);
    CHECK(request.access == static_cast<std::uint64_t>(need.access));
}

TEST_CASE("a safecopy asks for the side whose page is missing, in the name of the caller") {
    Asking a;
    Process& grantor = a.system.start("grantor");
    const VirtualAddress table = data;
    REQUIRE(a.system.call<GrantTableSet>(grantor, {table, 1}).has_value());
    const auto grant = [&](VirtualAddress address) {
        a.system.memory(grantor).put(table, GrantEntry{.kind = GrantKind::direct,
                                                       .rights = GrantRights::read | GrantRights::write,
                                                       .grantee = a.caller.endpoint,
                                                       .address = address.value,
                                                       .bytes = page_bytes});
    };
    const auto expect = [&](Status status, const Process& whose, FaultAccess access) {
        CHECK(status == Status::suspended);
        const MemoryRequest request = a.request_at_vm();
        CHECK(request.process == whose.endpoint.value());
        CHECK(request.address == missing.value);
        CHECK(request.bytes == 100);
        CHECK(request.access == static_cast<std::uint64_t>(access));
    };
    const GrantId id{0, 1};
    SECTION("the grantor's memory, read") {
        grant(missing);
        const auto result = a.system.call<SafecopyFrom>(a.caller, {grantor.endpoint, id, 0, data, 100});
        expect(result.status(), grantor, FaultAccess::read);
    }
    SECTION("the caller's memory, written") {
        grant(data);
        const auto result = a.system.call<SafecopyFrom>(a.caller, {grantor.endpoint, id, 0, missing, 100});
        expect(result.status(), a.caller, FaultAccess::write);
    }
    SECTION("the caller's memory, read") {
        grant(data);
        const auto result = a.system.call<SafecopyTo>(a.caller, {grantor.endpoint, id, 0, missing, 100});
        expect(result.status(), a.caller, FaultAccess::read);
    }
    SECTION("the grantor's memory, written") {
        grant(missing);
        const auto result = a.system.call<SafecopyTo>(a.caller, {grantor.endpoint, id, 0, data, 100});
        expect(result.status(), grantor, FaultAccess::write);
    }
    SECTION("a read-only page, written") {
        grant(missing);
        a.system.memory(grantor).map(missing, page_bytes, host::PageRights::read_only);
        const auto result = a.system.call<SafecopyTo>(a.caller, {grantor.endpoint, id, 0, data, 100});
        expect(result.status(), grantor, FaultAccess::write);
    }
    CHECK(a.system.kernel->counters.safecopies == 0);
}

TEST_CASE("VM's own copies never wait for VM: they answer bad_address") {
    Asking a;
    Process& vm = a.system.vm();
    CHECK(a.system.call<LogWrite>(vm, {missing, 5, LogLevel::info}).status() == Status::bad_address);
    CHECK(a.system.call<ProcessRead>(vm, {0, missing}).status() == Status::bad_address);
    CHECK(a.system.call<PrivilegeGet>(vm, {a.caller.endpoint, missing}).status() == Status::bad_address);
    REQUIRE(a.system.call<GrantTableSet>(a.caller, {missing, 1}).has_value());
    CHECK(a.system.call<GrantRead>(vm, {a.caller.endpoint, 0, data}).status() == Status::bad_address);
    CHECK(a.system.call<SafecopyFrom>(vm, {a.caller.endpoint, GrantId{0, 1}, 0, data, 1}).status() ==
          Status::bad_address);
    CHECK(vm.runnable());
    CHECK(vm.first_sender == nullptr);
    CHECK_FALSE(vm.needs(Attention::restart_call));
}

TEST_CASE("an address that is not user space is refused without asking VM") {
    Asking a;
    const VirtualAddress address =
        GENERATE(as<VirtualAddress>{}, user_layout::end, user_layout::end - 1, VirtualAddress{~0ull},
                 VirtualAddress{0xffff'8000'0000'0000}, VirtualAddress{1ull << 47});
    CHECK(a.system.call<LogWrite>(a.caller, {address, 5, LogLevel::info}).status() == Status::bad_address);
    CHECK(a.system.call<CountersRead>(a.caller, {address}).status() == Status::bad_address);
    CHECK(a.caller.runnable());
    CHECK(a.system.vm().first_sender == nullptr);
    CHECK(a.system.kernel->counters.copy_faults == 0);
}

TEST_CASE("a process without an address space gets bad_address, as does who copies from it") {
    Asking a;
    Process& grantor = a.system.start("grantor");
    REQUIRE(a.system.call<GrantTableSet>(grantor, {data, 1}).has_value());
    SECTION("unbound") {
        REQUIRE(a.system.call<ProcessStop>(a.system.rs(), {grantor.endpoint}).has_value());
        REQUIRE(a.system.call<SpaceUnbind>(a.system.vm(), {grantor.endpoint}).has_value());
    }
    SECTION("root entry cleared") {
        a.system.machine.root_page(a.system.boot_info.root_entries)[grantor.endpoint.slot()] = {};
    }
    CHECK(a.system.call<GrantRead>(a.caller, {grantor.endpoint, 0, data}).status() == Status::bad_address);
    CHECK(a.system.call<SafecopyFrom>(a.caller, {grantor.endpoint, GrantId{0, 1}, 0, data, 1}).status() ==
          Status::bad_address);
}

TEST_CASE("an answer before VM has received the request is refused: it can only be meant for an older one") {
    Asking a;
    REQUIRE(a.system.call<LogWrite>(a.caller, {missing, 5, LogLevel::info}).status() == Status::suspended);
    CHECK(a.resolve(Status::ok) == Status::invalid);
    CHECK(blocked_only_by(a.caller, Blocker::vm_request));
    CHECK(a.system.vm().first_sender == &a.caller);
    a.request_at_vm();
    CHECK(a.resolve(Status::ok) == Status::ok);
    CHECK(a.resolve(Status::ok) == Status::invalid);
}

TEST_CASE("a process that dies while its call waits for VM takes its request back") {
    Asking a;
    REQUIRE(a.system.call<LogWrite>(a.caller, {missing, 5, LogLevel::info}).status() == Status::suspended);
    const bool received = GENERATE(false, true);
    if (received) a.request_at_vm();
    a.system.die(a.caller);
    CHECK(a.system.vm().first_sender == nullptr);
    CHECK(blocked_only_by(a.caller, Blocker::dead));
    CHECK_FALSE(a.caller.needs(Attention::restart_call));
    CHECK(a.resolve(Status::ok) == Status::dead_endpoint);
}

TEST_CASE("a process that is stopped while its call waits runs it again when it is started") {
    Asking a;
    REQUIRE(a.system.call<LogWrite>(a.caller, {missing, 5, LogLevel::info}).status() == Status::suspended);
    a.request_at_vm();
    REQUIRE(a.system.call<ProcessStop>(a.system.rs(), {a.caller.endpoint}).has_value());
    a.system.memory(a.caller).map(missing, page_bytes);
    a.system.memory(a.caller).put_text(missing, "later");
    CHECK(a.resolve(Status::ok) == Status::ok);
    CHECK(blocked_only_by(a.caller, Blocker::stopped));
    REQUIRE(a.system.call<ProcessStart>(a.system.rs(), {a.caller.endpoint}).has_value());
    a.run_caller();
    CHECK(a.system.machine.console.ends_with("caller: later\n"));
}
