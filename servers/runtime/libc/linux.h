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
LinuxResult unmap_memory(const Arguments& arguments);
LinuxResult protect_memory(const Arguments& arguments);

// output.cpp
LinuxResult write_output(const Arguments& arguments);
LinuxResult write_output_vector(const Arguments& arguments);
LinuxResult control_output(const Arguments& arguments);
void flush_output();

// randomness.cpp
LinuxResult fill_random(const Arguments& arguments);

} // namespace tessera::libc
