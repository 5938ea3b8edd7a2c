// SPDX-License-Identifier: BSD-3-Clause
// The two functions under musl. Runs before thread-local storage exists: nothing here may use errno or a thread_local.
// A program has one thread, whose number is that of the process.

#include "kernel/abi/calls/processes.h"
#include "servers/runtime/kernel.h"
#include "servers/runtime/libc/linux.h"
#include <sys/syscall.h>

namespace tessera::libc {

namespace {

[[noreturn]] void exit_process(const Arguments& arguments) {
    flush_output();
    (void)kernel_call<kernel_calls::Exit>({.exit_status = static_cast<std::uint64_t>(arguments.a)});
    __builtin_trap(); // a process that may not even exit
}

LinuxResult system_call(long number, const Arguments& arguments) {
    switch (number) {
    case SYS_mmap:
        return map_memory(arguments);
    case SYS_munmap:
        return unmap_memory(arguments);
    case SYS_mprotect:
        return protect_memory(arguments);
    case SYS_brk:
        return move_break(arguments);
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
        return own_process_id();
    case SYS_getppid:
        return parent_process_id();
    case SYS_fork:
        return fork_process();
    case SYS_execve:
        return execute_program(arguments);
    case SYS_wait4:
        return wait_for_child(arguments);
    case SYS_waitid:
        return wait_for_child_state(arguments);
    case SYS_sched_yield:
        return 0;
    case SYS_nanosleep:
        return sleep(arguments);
    case SYS_clock_nanosleep:
        return sleep_on_clock(arguments);
    case SYS_rt_sigaction:
        return set_signal_action(arguments);
    case SYS_rt_sigprocmask:
        return change_signal_mask(arguments);
    case SYS_rt_sigpending:
        return pending_signals(arguments);
    case SYS_rt_sigsuspend:
        return suspend_for_signal(arguments);
    case SYS_pause:
        return pause_for_signal();
    case SYS_kill:
        return signal_process(arguments);
    case SYS_tkill:
        return signal_thread(arguments.a, arguments.b);
    case SYS_tgkill:
        return signal_thread(arguments.b, arguments.c);
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
