// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the tests of processes share. They are plain C++ over the C library.

#include "tests/target/check.h"
#include <cerrno>
#include <span>
#include <string_view>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tessera::target::posix {

using Test = void (*)();

// In the order of suite.h.
std::span<const Test> process_tests();
std::span<const Test> signal_tests();
std::span<const Test> memory_tests();

inline constexpr int check_failed = 99; // the exit status of a child whose own requirement was not met
void log_failure(std::string_view what);

// Forks; the child ends with what `body` returns.
template <class Body> pid_t start(Body&& body, Place place = Place::current()) {
    const pid_t child = fork();
    if (child < 0) fail(std::format("fork: errno {}", errno), place);
    if (child > 0) return child;
    int status = check_failed;
    try {
        status = body();
    } catch (const std::exception& error) {
        log_failure(error.what());
    }
    _exit(status);
}

inline int wait_for(pid_t child, Place place = Place::current()) {
    int status = 0;
    require_equal(waitpid(child, &status, 0), child, "waitpid", place);
    return status;
}

inline void require_exit(pid_t child, int expected, std::string_view what, Place place = Place::current()) {
    const int status = wait_for(child, place);
    require(WIFEXITED(status), what, place);
    require_equal(WEXITSTATUS(status), expected, what, place);
}

inline void require_signal(pid_t child, int expected, std::string_view what, Place place = Place::current()) {
    const int status = wait_for(child, place);
    require(WIFSIGNALED(status), what, place);
    require_equal(WTERMSIG(status), expected, what, place);
}

// A call of the C library that must fail with this errno.
inline void require_errno(long result, int expected, std::string_view what, Place place = Place::current()) {
    const int seen = errno;
    require_equal(result, -1, what, place);
    require_equal(seen, expected, what, place);
}

} // namespace tessera::target::posix
