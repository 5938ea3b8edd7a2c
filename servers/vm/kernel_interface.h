// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kernel as VM needs it. The program gives SystemKernel, unit tests a fake one.

#include "kernel/abi/counters.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/privileges.h"
#include "kernel/abi/result.h"
#include <span>
#include <string_view>

namespace tessera::vm {

class KernelInterface {
public:
    virtual Completion root_entries_set(PhysicalAddress page) = 0;
    virtual Completion space_bind(Endpoint process, VirtualAddress entry, VirtualAddress stack) = 0;
    virtual Completion space_attach(Endpoint process) = 0;
    virtual Completion space_unbind(Endpoint process) = 0;
    virtual void space_flush(Endpoint process) = 0;
    virtual Completion process_start(Endpoint process) = 0;
    virtual void fault_resolve(Endpoint process, Status status) = 0;
    virtual Result<Privileges> privileges(Endpoint process) = 0;
    // Whether a process waits for the answer of another.
    virtual bool awaits_answer(Endpoint process, Endpoint server) = 0;
    // bad_address also when granted memory is not resident: VM does not wait for itself.
    virtual Completion copy_from(Endpoint grantor, GrantId grant, std::uint64_t offset, std::span<std::byte> to) = 0;
    // Checks a use of a grant by `grantee`, and follows it. What the kernel call grant_resolve answers; not_permitted
    // also when a grant table is not resident.
    struct GrantUse {
        Endpoint grantee;
        Endpoint grantor;
        GrantId grant;
        GrantRights rights;
        std::uint64_t offset;
        std::uint64_t bytes;
    };
    virtual Result<GrantPath> grant_resolve(const GrantUse& use) = 0;
    virtual void log(LogLevel level, std::string_view text) = 0;

protected:
    ~KernelInterface() = default;
};

} // namespace tessera::vm
