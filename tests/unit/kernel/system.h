// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A whole kernel on the host machine, with VM and RS, and the entries from user mode as functions.

#include "kernel/abi/kernel_call_table.h"
#include "kernel/arch/host/machine.h"
#include "kernel/core/kernel.h"
#include "tests/unit/kernel/printing.h"
#include <stdexcept>

namespace tessera::kernel::test {

// Two pages that every process has; beyond them nothing is mapped.
inline constexpr VirtualAddress data{0x50'0000};
inline constexpr std::uint64_t data_bytes = 2 * page_bytes;
inline constexpr VirtualAddress missing = data + data_bytes;
inline constexpr VirtualAddress program_entry{0x40'1000};

inline constexpr ServiceId first_service{10}; // ids of the processes that tests start, upwards

// Everything is allowed; the service id is the next free one.
struct Rights {
    ServiceId service{};
    std::uint64_t send_mask = ~0ull;
    std::uint64_t kernel_call_mask = ~0ull;
    std::uint32_t primitive_mask = all_primitives;
    std::uint8_t priority = 4;
    ServiceId supervisor = service_ids::rs;
};

struct Received {
    MessageKind kind;
    Endpoint source;
    Message message;
};

class System {
public:
    System();

    host::Machine machine;
    BootInfo boot_info;
    std::unique_ptr<Kernel> kernel;

    Process& vm() { return kernel->processes.at(endpoints::vm.slot()); }
    Process& rs() { return kernel->processes.at(endpoints::rs.slot()); }
    Process& start(std::string_view name, Rights rights = {});
    host::UserMemory& memory(const Process& process);

    // Entries from user mode. The process must be runnable; whether it still is afterwards is for the test to ask.
    void enter(Process& caller, Primitive primitive, Endpoint peer, const Message& message = {});
    void send(Process& caller, Endpoint to, std::uint64_t word = 0) { enter(caller, Primitive::send, to, words(word)); }
    void receive(Process& caller, Endpoint from = endpoints::any) { enter(caller, Primitive::receive, from); }
    void send_receive(Process& caller, Endpoint to, std::uint64_t word = 0) {
        enter(caller, Primitive::send_receive, to, words(word));
    }
    void notify(Process& caller, Endpoint to) { enter(caller, Primitive::notify, to); }
    void page_fault(Process& process, std::uint64_t address, FaultAccess access = FaultAccess::read);
    void die(Process& process) { kernel->end_process(process, DeathCause::killed, 0); }

    // A kernel call. `suspended` when it waits for VM: no process ever sees that status.
    template <class Call>
    Result<typename Call::Reply> call(Process& caller, const typename Call::Request& request = {}) {
        enter_kernel_call(caller, kernel_call_number<Call>, pack(request));
        return reply_of<Call>(caller);
    }
    // What a call has answered, now or after it was restarted.
    template <class Call> static Result<typename Call::Reply> reply_of(const Process& caller) {
        if (caller.blocked_by(Blocker::vm_request)) return Status::suspended;
        expect_declared(kernel_call_number<Call>, status_of(caller));
        if (status_of(caller) != Status::ok) return status_of(caller);
        return unpack<typename Call::Reply>(caller.context.message);
    }
    // Throws when the kernel answers what the table does not declare; so does reply_of.
    void enter_kernel_call(Process& caller, std::uint64_t number, const Message& words);

    // What a process finds in its registers.
    static Status status_of(const Process& process);
    static Received received(const Process& process);

    static Message words(std::uint64_t first, std::uint64_t second = 0) {
        Message message;
        message.words[0] = first;
        message.words[1] = second;
        message.words[7] = ~first;
        return message;
    }

private:
    static void expect_declared(std::uint64_t number, Status status);
    void give_space(Process& process);
};

// Blocked by exactly these.
template <class... Blockers> bool blocked_only_by(const Process& process, Blockers... blockers) {
    return process.blockers == (static_cast<std::uint32_t>(blockers) | ...);
}

} // namespace tessera::kernel::test
