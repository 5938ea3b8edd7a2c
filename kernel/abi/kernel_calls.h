// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The one table of kernel calls. The position in KernelCallTable is the number. Dispatch, user stubs, masks, trace
// names, the management plane's schema and the manual come from here; a call without a handler does not compile.
//
// Every call can also answer: call_denied (not in the caller's mask), bad_call (no such number).
// Calls that read or write the caller's memory at `address` can answer bad_address.

#include "kernel/abi/counters.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/message.h"
#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include "kernel/abi/status.h"
#include "kernel/abi/type_list.h"
#include <string_view>

namespace tessera {

struct NoReply {};

namespace kernel_calls {

struct Null {
    static constexpr std::string_view name = "null";
    static constexpr std::string_view summary = "Does nothing: the cost of a kernel call.";
    struct Request {};
    using Reply = NoReply;
};

struct Exit {
    static constexpr std::string_view name = "exit";
    static constexpr std::string_view summary = "Ends the caller; its supervisor reaps it. Does not return.";
    struct Request {
        std::uint64_t exit_status;
    };
    using Reply = NoReply;
};

struct SetThreadPointer {
    static constexpr std::string_view name = "set_thread_pointer";
    static constexpr std::string_view summary = "Sets the caller's FS base. invalid: not a user address.";
    struct Request {
        VirtualAddress address;
    };
    using Reply = NoReply;
};

struct ClockRead {
    static constexpr std::string_view name = "clock_read";
    static constexpr std::string_view summary = "Time since boot, and the rate of the time-stamp counter.";
    struct Request {};
    struct Reply {
        Nanoseconds time;
        Ticks counter;
        std::uint64_t ticks_per_second;
        Ticks at_entry; // counter when the kernel was entered
    };
};

struct AlarmSet {
    static constexpr std::string_view name = "alarm_set";
    static constexpr std::string_view summary =
        "Notifies the caller from `clock` when the time since boot reaches `deadline`; 0 cancels. One alarm a process.";
    struct Request {
        Nanoseconds deadline;
    };
    using Reply = NoReply;
};

struct LogWrite {
    static constexpr std::string_view name = "log_write";
    static constexpr std::string_view summary = "Appends one line to the system log; control characters become '?'. "
                                                "too_big: over log_text_limit bytes; invalid: level.";
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
        LogLevel level;
    };
    using Reply = NoReply;
};

struct LogRead {
    static constexpr std::string_view name = "log_read";
    static constexpr std::string_view summary =
        "Copies the first record with a sequence of at least `sequence` to `address`. no_entry: none yet. The record "
        "tells its own sequence: a higher one than asked for means that older records were overwritten.";
    struct Request {
        std::uint64_t sequence;
        VirtualAddress address; // of a LogRecord
    };
    using Reply = NoReply;
};

struct LogWatch {
    static constexpr std::string_view name = "log_watch";
    static constexpr std::string_view summary =
        "The caller prints the log from now on and is notified (log_grew); until it dies the kernel does not print.";
    struct Request {};
    using Reply = NoReply;
};

struct ProcessCreate {
    static constexpr std::string_view name = "process_create";
    static constexpr std::string_view summary =
        "Takes a free slot: a stopped process without address space and privileges. no_space: table full.";
    struct Request {
        Name process_name;
    };
    struct Reply {
        Endpoint endpoint;
    };
};

struct ProcessDestroy {
    static constexpr std::string_view name = "process_destroy";
    static constexpr std::string_view summary =
        "Frees the slot of a process without address space (space_unbind came before, or it never had one). "
        "dead_endpoint; busy: still has a space, or is the caller.";
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
};

struct ProcessStart {
    static constexpr std::string_view name = "process_start";
    static constexpr std::string_view summary =
        "Lets a stopped process run. dead_endpoint; invalid: has no address space.";
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
};

struct ProcessStop {
    static constexpr std::string_view name = "process_stop";
    static constexpr std::string_view summary =
        "Holds a process until process_start: a hang on purpose. dead_endpoint; "
        "not_permitted: VM and RS are never stopped.";
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
};

struct ProcessKill {
    static constexpr std::string_view name = "process_kill";
    static constexpr std::string_view summary =
        "Ends a process with cause `killed`. dead_endpoint; not_permitted: VM, RS.";
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
};

enum class InjectedFault : std::uint64_t { null_jump = 0, illegal_instruction = 1 };

struct ProcessInject {
    static constexpr std::string_view name = "process_inject";
    static constexpr std::string_view summary =
        "Makes a process fault on its own at its next instruction; what it waited for is abandoned. dead_endpoint; "
        "not_permitted: VM, RS; invalid: unknown fault, no address space, or the caller itself.";
    struct Request {
        Endpoint endpoint;
        InjectedFault fault;
    };
    using Reply = NoReply;
};

struct ProcessNextDeath {
    static constexpr std::string_view name = "process_next_death";
    static constexpr std::string_view summary =
        "Fetches a death that the caller as supervisor was not told of yet. no_entry: none.";
    struct Request {};
    using Reply = DeathReport;
};

struct ProcessRead {
    static constexpr std::string_view name = "process_read";
    static constexpr std::string_view summary = "Copies a ProcessInformation of the first used slot from `slot` on to "
                                                "`address`; the reply tells the slot. no_entry: none.";
    struct Request {
        std::uint64_t slot;
        VirtualAddress address;
    };
    struct Reply {
        std::uint64_t slot;
    };
};

struct PrivilegeSet {
    static constexpr std::string_view name = "privilege_set";
    static constexpr std::string_view summary = "Replaces the privileges of a process by the Privileges at `address`. "
                                                "dead_endpoint; not_permitted: VM, RS; invalid: counts, ranges, or "
                                                "the service id of VM or RS.";
    struct Request {
        Endpoint endpoint;
        VirtualAddress address;
    };
    using Reply = NoReply;
};

struct PrivilegeGet {
    static constexpr std::string_view name = "privilege_get";
    static constexpr std::string_view summary = "Copies the privileges of a process to `address`. dead_endpoint.";
    struct Request {
        Endpoint endpoint;
        VirtualAddress address;
    };
    using Reply = NoReply;
};

struct SpaceBind {
    static constexpr std::string_view name = "space_bind";
    static constexpr std::string_view summary =
        "VM: the root entry of the process is in the shared page; it starts at `entry` with stack pointer `stack`. "
        "dead_endpoint; not_permitted: VM itself; invalid: not user addresses, or there is no root entry.";
    struct Request {
        Endpoint endpoint;
        VirtualAddress entry;
        VirtualAddress stack;
    };
    using Reply = NoReply;
};

struct SpaceUnbind {
    static constexpr std::string_view name = "space_unbind";
    static constexpr std::string_view summary = "VM: the kernel forgets the address space of a dead or stopped "
                                                "process, before VM frees it. dead_endpoint; busy: it runs.";
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
};

struct SpaceFlush {
    static constexpr std::string_view name = "space_flush";
    static constexpr std::string_view summary = "VM: mappings of the process were removed or restricted; cached "
                                                "translations are dropped before it runs again. dead_endpoint.";
    struct Request {
        Endpoint endpoint;
    };
    using Reply = NoReply;
};

struct RootEntriesSet {
    static constexpr std::string_view name = "root_entries_set";
    static constexpr std::string_view summary = "VM: the page of root entries, one of 8 bytes a process slot, which "
                                                "the kernel reads from now on. invalid: misaligned.";
    struct Request {
        PhysicalAddress page;
    };
    using Reply = NoReply;
};

struct FaultResolve {
    static constexpr std::string_view name = "fault_resolve";
    static constexpr std::string_view summary =
        "VM: the answer to a fault or memory request of the process. ok: it goes on; an error: a fault kills the "
        "process, a request makes its kernel call answer bad_address. dead_endpoint; invalid: it waits for no answer.";
    struct Request {
        Endpoint endpoint;
        Status status;
    };
    using Reply = NoReply;
};

struct InterruptEnable {
    static constexpr std::string_view name = "interrupt_enable";
    static constexpr std::string_view summary =
        "Delivers the line to the caller as a notification from `hardware`, one at a time: masked again until the next "
        "interrupt_enable. not_permitted: not the caller's line; busy: another process has it.";
    struct Request {
        InterruptLine line;
    };
    using Reply = NoReply;
};

enum class IoWidth : std::uint64_t { byte = 1, word = 2, double_word = 4 };

struct PortRead {
    static constexpr std::string_view name = "port_read";
    static constexpr std::string_view summary =
        "Reads an I/O port. not_permitted: not in the caller's ranges; invalid: width.";
    struct Request {
        IoPort port;
        IoWidth width;
    };
    struct Reply {
        std::uint64_t value;
    };
};

struct PortWrite {
    static constexpr std::string_view name = "port_write";
    static constexpr std::string_view summary =
        "Writes an I/O port. not_permitted: not in the caller's ranges; invalid: width.";
    struct Request {
        IoPort port;
        IoWidth width;
        std::uint64_t value;
    };
    using Reply = NoReply;
};

struct GrantTableSet {
    static constexpr std::string_view name = "grant_table_set";
    static constexpr std::string_view summary = "Registers the caller's table of GrantEntry. invalid: misaligned, not "
                                                "user memory, or more than index_limit entries.";
    struct Request {
        VirtualAddress address;
        std::uint64_t entries;
    };
    using Reply = NoReply;
};

struct GrantRead {
    static constexpr std::string_view name = "grant_read";
    static constexpr std::string_view summary =
        "Copies the first used entry from index `index` on of a process's grant table to `address` (a GrantEntry); the "
        "reply tells its index. dead_endpoint; no_entry: no further one; bad_address: the table's memory is gone.";
    struct Request {
        Endpoint endpoint;
        std::uint32_t index;
        VirtualAddress address;
    };
    struct Reply {
        std::uint64_t index;
    };
};

inline constexpr std::uint64_t safecopy_limit = 16 * 1024 * 1024;

struct SafecopyFrom {
    static constexpr std::string_view name = "safecopy_from";
    static constexpr std::string_view summary =
        "Copies from granted memory to the caller, at most safecopy_limit bytes (too_big). dead_endpoint; "
        "not_permitted: the grant does not allow it (unused, stale, other "
        "grantee, rights, range); loop: more than five indirect hops.";
    struct Request {
        Endpoint grantor;
        GrantId grant;
        std::uint64_t offset;   // in the grant
        VirtualAddress address; // of the caller
        std::uint64_t bytes;    // 0 copies nothing, after all checks
    };
    using Reply = NoReply;
};

struct SafecopyTo {
    static constexpr std::string_view name = "safecopy_to";
    static constexpr std::string_view summary = "Copies from the caller to granted memory; errors as safecopy_from.";
    using Request = SafecopyFrom::Request;
    using Reply = NoReply;
};

struct CountersRead {
    static constexpr std::string_view name = "counters_read";
    static constexpr std::string_view summary = "Copies the KernelCounters to `address`.";
    struct Request {
        VirtualAddress address;
    };
    using Reply = NoReply;
};

struct MachineInformation {
    std::uint64_t total_pages = 0;
    std::array<char, 48> processor{};     // brand string of CPUID, NUL-padded
    std::uint64_t feature_bits = 0;       // MachineFeature bits
    std::array<char, 256> command_line{}; // NUL-terminated
    std::uint64_t firmware = 0;           // Firmware
};

enum class MachineFeature : std::uint8_t {
    nx = 0,
    smep = 1,
    smap = 2,
    pcid = 3,
    global_pages = 4,
    xsave = 5,
    fsgsbase = 6
};

struct MachineRead {
    static constexpr std::string_view name = "machine_read";
    static constexpr std::string_view summary = "Copies the MachineInformation to `address`.";
    struct Request {
        VirtualAddress address;
    };
    using Reply = NoReply;
};

enum class MachineStop : std::uint64_t { power_off = 0, reboot = 1 };

struct MachineControl {
    static constexpr std::string_view name = "machine_control";
    static constexpr std::string_view summary = "Stops the machine. invalid: unknown action. Does not return.";
    struct Request {
        MachineStop action;
    };
    using Reply = NoReply;
};

} // namespace kernel_calls

using KernelCallTable =
    TypeList<kernel_calls::Null, kernel_calls::Exit, kernel_calls::SetThreadPointer, kernel_calls::ClockRead,
             kernel_calls::AlarmSet, kernel_calls::LogWrite, kernel_calls::LogRead, kernel_calls::LogWatch,
             kernel_calls::ProcessCreate, kernel_calls::ProcessDestroy, kernel_calls::ProcessStart,
             kernel_calls::ProcessStop, kernel_calls::ProcessKill, kernel_calls::ProcessInject,
             kernel_calls::ProcessNextDeath, kernel_calls::ProcessRead, kernel_calls::PrivilegeSet,
             kernel_calls::PrivilegeGet, kernel_calls::SpaceBind, kernel_calls::SpaceUnbind, kernel_calls::SpaceFlush,
             kernel_calls::RootEntriesSet, kernel_calls::FaultResolve, kernel_calls::InterruptEnable,
             kernel_calls::PortRead, kernel_calls::PortWrite, kernel_calls::GrantTableSet, kernel_calls::GrantRead,
             kernel_calls::SafecopyFrom, kernel_calls::SafecopyTo, kernel_calls::CountersRead,
             kernel_calls::MachineRead, kernel_calls::MachineControl>;

static_assert(KernelCallTable::size <= kernel_call_limit);

template <class Call> inline constexpr std::uint32_t kernel_call_number = KernelCallTable::index_of<Call>();

// The bits of a kernel_call_mask for some calls.
template <class... Calls>
inline constexpr std::uint64_t kernel_call_bits = ((1ull << kernel_call_number<Calls>) | ... | 0ull);

} // namespace tessera
