// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/posix/executed.h"
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace tessera::target::posix {

namespace {

int exit_with(std::span<char*> arguments) { return std::atoi(arguments[2]); }

// Whether the variable argv[2] has the value argv[3].
int environment(std::span<char*> arguments) {
    const char* const value = std::getenv(arguments[2]);
    return value != nullptr && std::string_view(value) == arguments[3] ? 0 : 1;
}

// Whether it is the process that argv[2] says, and the child of the one that argv[3] says.
int numbers(std::span<char*> arguments) {
    return getpid() == std::atoi(arguments[2]) && getppid() == std::atoi(arguments[3]) && gettid() == getpid() ? 0 : 1;
}

// Whether SIGUSR2 is held back.
int mask() {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    return sigismember(&mask, SIGUSR2) == 1 ? 0 : 1;
}

// Whether nothing is mapped at any of the addresses from argv[2] on.
int unmapped(std::span<char*> arguments) {
    for (const char* argument : arguments.subspan(2)) {
        const auto* const address = reinterpret_cast<const volatile char*>(std::strtoull(argument, nullptr, 10));
        const pid_t child = fork();
        if (child == 0) _exit(*address != 0 ? 2 : 1);
        int status = 0;
        if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV) return 1;
    }
    return 0;
}

} // namespace

int executed(std::span<char*> arguments) {
    const std::string_view what = arguments[1];
    if (what == "exit" && arguments.size() == 3) return exit_with(arguments);
    if (what == "environment" && arguments.size() == 4) return environment(arguments);
    if (what == "numbers" && arguments.size() == 4) return numbers(arguments);
    if (what == "raise_user_1") return raise(SIGUSR1);
    if (what == "mask") return mask();
    if (what == "unmapped") return unmapped(arguments);
    if (what == "count") return static_cast<int>(arguments.size());
    return 98;
}

} // namespace tessera::target::posix
