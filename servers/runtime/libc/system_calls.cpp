// SPDX-License-Identifier: BSD-3-Clause
// The two functions under musl. Runs before thread-local storage exists: nothing here may use errno or a thread_local.
// A program has one thread and no identity of its own yet: its thread and process number is 1.

#include "servers/runtime/clock.h"
#include "servers/runtime/kernel.h"
#include "servers/runtime/libc/linux.h"
#include "servers/runtime/log.h"
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

namespace tessera::libc {

namespace {

// Every clock counts from boot: the machine's calendar clock is not read.
LinuxResult read_clock(const Arguments& arguments) {
    auto* result = reinterpret_cast<timespec*>(arguments.b);
    if (result == nullptr) return linux_error(Status::bad_address);
    constexpr std::uint64_t second = 1'000'000'000;
    const std::uint64_t time = now().value;
    result->tv_sec = static_cast<time_t>(time / second);
    result->tv_nsec = static_cast<long>(time % second);
    return 0;
}

[[noreturn]] void exit_process(const Arguments& arguments) {
    flush_output();
    (void)kernel_call<kernel_calls::Exit>({.exit_status = static_cast<std::uint64_t>(arguments.a)});
    __builtin_trap(); // a process that may not even exit
}

// There are no signals yet; abort() goes on to a fault of its own.
LinuxResult signal_thread(const Arguments& arguments) {
    flush_output();
    if (arguments.b == SIGABRT) log_line(LogLevel::error, "abort() was called");
    return linux_error(Status::not_implemented);
}

LinuxResult system_call(long number, const Arguments& arguments) {
    constexpr LinuxResult only_thread = 1;
    switch (number) {
    case SYS_mmap:
        return map_memory(arguments);
    case SYS_munmap:
        return unmap_memory(arguments);
    case SYS_mprotect:
        return protect_memory(arguments);
    case SYS_brk:
        return linux_error(Status::out_of_memory);
    case SYS_write:
        return write_output(arguments);
    case SYS_writev:
        return write_output_vector(arguments);
    case SYS_ioctl:
        return control_output(arguments);
    case SYS_clock_gettime:
        return read_clock(arguments);
    case SYS_getrandom:
        return fill_random(arguments);
    case SYS_set_tid_address:
    case SYS_gettid:
    case SYS_getpid:
        return only_thread;
    case SYS_sched_yield:
        return 0;
    case SYS_tkill:
        return signal_thread(arguments);
    case SYS_exit:
    case SYS_exit_group:
        exit_process(arguments);
    default:
        return linux_error(Status::not_implemented);
    }
}

} // namespace

} // namespace tessera::libc

extern "C" {

long __tessera_syscall(long number, long a, long b, long c, long d, long e, long f) {
    return tessera::libc::system_call(number, {.a = a, .b = b, .c = c, .d = d, .e = e, .f = f});
}

long __tessera_set_fsbase(void* base) {
    const auto result = tessera::kernel_call<tessera::kernel_calls::SetThreadPointer>(
        {.address = {reinterpret_cast<std::uint64_t>(base)}});
    return result.has_value() ? 0 : tessera::libc::linux_error(result.error());
}
}
