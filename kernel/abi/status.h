// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Every error that a kernel call, a message primitive or a server can answer.
// Values up to 999 are those of Linux on x86-64, so that the C library needs no translation; ours start at 1000.

#include <array>
#include <cstdint>
#include <string_view>

namespace tessera {

enum class Status : std::int32_t {
    ok = 0,
    not_permitted = 1,
    no_entry = 2,
    no_such = 3,
    interrupted = 4,
    input_output = 5,
    too_big = 7,
    not_executable = 8,
    try_again = 11,
    out_of_memory = 12,
    access_denied = 13,
    bad_address = 14,
    busy = 16,
    exists = 17,
    no_device = 19,
    invalid = 22,
    no_space = 28,
    out_of_range = 34,
    not_implemented = 38,
    loop = 40,
    identifier_removed = 43,
    timed_out = 110,
    dead_endpoint = 1001,    // the peer is dead, or the endpoint is of an earlier generation
    call_denied = 1002,      // the caller's send mask or kernel-call mask does not allow it
    primitive_denied = 1003, // the caller's primitive mask does not allow it
    locked = 1004,           // blocking would close a cycle of waiting processes
    not_ready = 1005,        // a non-blocking send found no waiting receiver
    bad_call = 1006,         // no such kernel call, primitive or operation
    damaged = 1007,          // data failed its checksum or structure check
    suspended = 1999, // inside the kernel only: the call waits for VM and will be restarted; no process ever sees it
};

struct StatusDescription {
    Status status;
    std::string_view name;    // the stable name that programs compare: "ESRCH"
    std::string_view meaning; // one line for people
};

inline constexpr std::array status_descriptions{
    StatusDescription{Status::ok, "OK", "success"},
    StatusDescription{Status::not_permitted, "EPERM", "operation not permitted"},
    StatusDescription{Status::no_entry, "ENOENT", "nothing there"},
    StatusDescription{Status::no_such, "ESRCH", "no such process, key or service"},
    StatusDescription{Status::interrupted, "EINTR", "interrupted"},
    StatusDescription{Status::input_output, "EIO", "input or output error"},
    StatusDescription{Status::too_big, "E2BIG", "argument too big"},
    StatusDescription{Status::not_executable, "ENOEXEC", "not a valid program image"},
    StatusDescription{Status::try_again, "EAGAIN", "try again"},
    StatusDescription{Status::out_of_memory, "ENOMEM", "out of memory or over the memory budget"},
    StatusDescription{Status::access_denied, "EACCES", "access denied"},
    StatusDescription{Status::bad_address, "EFAULT", "bad address"},
    StatusDescription{Status::busy, "EBUSY", "busy"},
    StatusDescription{Status::exists, "EEXIST", "exists already"},
    StatusDescription{Status::no_device, "ENODEV", "no such device"},
    StatusDescription{Status::invalid, "EINVAL", "invalid argument"},
    StatusDescription{Status::no_space, "ENOSPC", "table full"},
    StatusDescription{Status::out_of_range, "ERANGE", "result out of range"},
    StatusDescription{Status::not_implemented, "ENOSYS", "not implemented"},
    StatusDescription{Status::loop, "ELOOP", "too many hops"},
    StatusDescription{Status::identifier_removed, "EIDRM", "object removed"},
    StatusDescription{Status::timed_out, "ETIMEDOUT", "deadline passed"},
    StatusDescription{Status::dead_endpoint, "EDEADSRCDST", "the process is dead or was replaced"},
    StatusDescription{Status::call_denied, "ECALLDENIED", "call not in the caller's mask"},
    StatusDescription{Status::primitive_denied, "ETRAPDENIED", "message primitive not in the caller's mask"},
    StatusDescription{Status::locked, "ELOCKED", "would deadlock"},
    StatusDescription{Status::not_ready, "ENOTREADY", "the receiver is not waiting"},
    StatusDescription{Status::bad_call, "EBADCALL", "no such call"},
    StatusDescription{Status::damaged, "EDAMAGED", "damaged data"},
    StatusDescription{Status::suspended, "ESUSPENDED", "waits for VM (kernel only)"},
};

// The stable name of a status, "E?" for a value that is none of ours.
constexpr std::string_view status_name(Status status) {
    for (const auto& entry : status_descriptions)
        if (entry.status == status) return entry.name;
    return "E?";
}

} // namespace tessera
