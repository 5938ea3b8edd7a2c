// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What musl's system-call layer expects: numbers, arguments and results of Linux on x86-64.

#include "kernel/abi/result.h"

namespace tessera::libc {

// A result as musl wants it: a value, or a negated errno.
using LinuxResult = long;

// Statuses up to 999 are Linux's own numbers; a peer's death or a refusal is an I/O error to a C program.
constexpr LinuxResult linux_error(Status status) {
    const auto number = static_cast<LinuxResult>(status);
    return number < 1000 ? -number : -static_cast<LinuxResult>(Status::input_output);
}

struct Arguments {
    long a, b, c, d, e, f;
};

// memory.cpp
LinuxResult map_memory(const Arguments& arguments);
LinuxResult move_break(const Arguments& arguments);
LinuxResult unmap_memory(const Arguments& arguments);
LinuxResult protect_memory(const Arguments& arguments);

// output.cpp
LinuxResult write_output(const Arguments& arguments);
LinuxResult write_output_vector(const Arguments& arguments);
LinuxResult control_output(const Arguments& arguments);
void flush_output();

// processes.cpp
LinuxResult fork_process();
LinuxResult execute_program(const Arguments& arguments);
LinuxResult wait_for_child(const Arguments& arguments);       // wait4
LinuxResult wait_for_child_state(const Arguments& arguments); // waitid
LinuxResult own_process_id();
LinuxResult parent_process_id();

// signals.cpp
LinuxResult set_signal_action(const Arguments& arguments);
LinuxResult change_signal_mask(const Arguments& arguments);
LinuxResult pending_signals(const Arguments& arguments);
LinuxResult suspend_for_signal(const Arguments& arguments);
LinuxResult pause_for_signal();
LinuxResult signal_process(const Arguments& arguments); // kill
LinuxResult signal_thread(long thread, long signal);    // tkill, tgkill
// Whether a call that a signal ended is to be made again, as SA_RESTART has it: while one of these lives, every handler
// that ran was set so.
class RestartScope {
public:
    RestartScope();
    bool restarts() const;
};

// time.cpp
LinuxResult read_clock(const Arguments& arguments);
LinuxResult sleep(const Arguments& arguments);          // nanosleep
LinuxResult sleep_on_clock(const Arguments& arguments); // clock_nanosleep

// randomness.cpp
LinuxResult fill_random(const Arguments& arguments);

} // namespace tessera::libc
