// SPDX-License-Identifier: BSD-3-Clause
// fork, execve, wait: who lives, who dies, and who learns of it.

#include "kernel/abi/process.h"
#include "servers/runtime/clock.h"
#include "tests/target/posix/suite.h"
#include "tests/target/posix/tests.h"
#include <array>
#include <set>
#include <string>
#include <vector>

namespace tessera::target::posix {

namespace {

void exit_codes() {
    for (const int code : {0, 1, 42, 255}) require_exit(start([&] { return code; }), code, "exit status");
    require_exit(start([] { return 256 + 7; }), 7, "the low byte of an exit status");
}

void numbers() {
    const pid_t self = getpid();
    require(self > 0 && gettid() == self, "one thread, with the number of the process");
    const pid_t child = start([&] {
        require(getpid() != self, "a number of its own");
        require_equal(getppid(), self, "the parent's number");
        require_equal(gettid(), getpid(), "the thread's number");
        return 0;
    });
    require(child != self, "the child's number");
    require_exit(child, 0, "what the child sees");
    require_equal(getpid(), self, "the number after fork");
    const pid_t next = start([] { return 0; });
    require(next != child, "a number is not used twice in a row");
    require_exit(next, 0, "the next child");
}

void memory_is_ones_own() {
    std::vector<int> numbers(10'000, 1);
    volatile int here = 1;
    const pid_t child = start([&] {
        for (int& number : numbers) number = 2;
        here = 2;
        return here;
    });
    require_exit(child, 2, "the child's copy");
    require_equal(static_cast<int>(here), 1, "the parent's stack");
    for (const int number : numbers) require_equal(number, 1, "the parent's heap");
}

// Executes the program of these tests with the arguments, in a child.
pid_t execute(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    return start([&] {
        arguments.insert(arguments.begin(), std::string(program));
        std::vector<char*> argv, envp;
        for (std::string& each : arguments) argv.push_back(each.data());
        for (std::string& each : environment) envp.push_back(each.data());
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        execve(program.data(), argv.data(), envp.data());
        log_failure(std::format("execve: errno {}", errno));
        return check_failed;
    });
}

void exec() {
    require_exit(execute({"exit", "42"}), 42, "another program's exit status");
    require_exit(execute({"count", "", "a b", ""}), 5, "empty arguments");
    require_exit(execute({"environment", "COLOUR", "blue"}, {"SIZE=7", "COLOUR=blue", "EMPTY="}), 0, "a variable");
    require_exit(execute({"environment", "EMPTY", ""}, {"SIZE=7", "EMPTY="}), 0, "an empty variable");
    require_exit(execute({"environment", "SIZE", "7"}), 1, "no environment");
    const pid_t self = getpid();
    const pid_t child = start([&] {
        const std::string own = std::to_string(getpid()), parent = std::to_string(self);
        execl("/bin/posix_tests", "posix_tests", "numbers", own.c_str(), parent.c_str(), nullptr);
        return check_failed;
    });
    require_exit(child, 0, "number and parent stay");
}

void exec_fails() {
    std::array<char*, 2> argv{};
    std::string name(program);
    argv[0] = name.data();
    std::vector<int> numbers(10'000, 3);
    const pid_t self = getpid();
    require_errno(execv("no_such_program", argv.data()), ENOENT, "an unknown program");
    require_errno(execv("a_name_of_more_than_fifteen", argv.data()), ENOENT, "a long name");
    require_errno(execv("", argv.data()), ENOENT, "no name");
    require_errno(execv("ds.conf", argv.data()), ENOEXEC, "no program");
    std::string much(5000, 'x');
    std::array<char*, 3> too_much{name.data(), much.data(), nullptr};
    require_errno(execv(program.data(), too_much.data()), E2BIG, "long arguments");
    for (const int number : numbers) require_equal(number, 3, "the memory of who tried");
    require_equal(getpid(), self, "the number of who tried");
    require_exit(start([] { return 4; }), 4, "fork after it");
}

void wait_errors() {
    require_errno(waitpid(-1, nullptr, 0), ECHILD, "no child");
    require_errno(waitpid(12345, nullptr, 0), ECHILD, "a stranger");
    require_errno(waitpid(-1, nullptr, 0x100), EINVAL, "an unknown option");
    const pid_t child = start([] { return 0; });
    require_errno(waitpid(getpid(), nullptr, 0), ECHILD, "oneself");
    require_exit(child, 0, "the child");
    require_errno(waitpid(child, nullptr, 0), ECHILD, "twice");
}

void without_hanging() {
    const pid_t child = start([] {
        (void)sleep_for(milliseconds(20));
        return 6;
    });
    int status = -1;
    require_equal(waitpid(child, &status, WNOHANG), 0, "nobody is dead");
    require_equal(status, -1, "the status is left alone");
    require_exit(child, 6, "later");
}

void by_waitid() {
    const pid_t child = start([] { return 8; });
    siginfo_t information{};
    require_equal(waitid(P_PID, static_cast<id_t>(child), &information, WEXITED | WNOWAIT), 0, "waitid that looks");
    require_equal(information.si_pid, child, "the child");
    require_equal(information.si_status, 8, "its status");
    require_equal(information.si_code, static_cast<int>(CLD_EXITED), "how it died");
    require_equal(information.si_signo, SIGCHLD, "the signal");
    require_equal(waitid(P_ALL, 0, &information, WEXITED | WNOHANG), 0, "waitid that takes");
    require_equal(information.si_pid, child, "the same child");
    require_errno(waitid(P_ALL, 0, &information, WEXITED), ECHILD, "it is gone");
    require_errno(waitid(P_ALL, 0, &information, 0), EINVAL, "for nothing");
}

void zombies() {
    constexpr int count = 20;
    std::set<pid_t> children;
    for (int i = 0; i < count; ++i) children.insert(start([i] { return i; }));
    require_equal(children.size(), std::size_t{count}, "different numbers");
    (void)sleep_for(milliseconds(20)); // all of them are dead by now, most likely; the test holds anyway
    for (int i = 0; i < count; ++i) require(children.erase(wait(nullptr)) == 1, "each child once");
    require_errno(wait(nullptr), ECHILD, "all are told");
}

// A grandchild whose parent dies is nobody's child, and lives on.
void orphan() {
    const pid_t child = start([] {
        const pid_t parent = getpid();
        (void)start([&] {
            while (getppid() == parent) (void)sleep_for(milliseconds(1));
            return 0;
        });
        return 3;
    });
    require_exit(child, 3, "the parent of the orphan");
    require_errno(wait(nullptr), ECHILD, "the orphan is nobody's");
}

void limit_of_children() {
    std::vector<pid_t> children;
    for (;;) {
        const pid_t child = fork();
        if (child == 0) _exit(0);
        if (child < 0) break;
        children.push_back(child);
    }
    require_equal(errno, EAGAIN, "one child too many");
    require(children.size() >= 32 && children.size() < process_limit, "as many as the limit");
    for (const pid_t child : children) require_exit(child, 0, "each of them");
    require_exit(start([] { return 1; }), 1, "and another one");
}

// Two generations, each as many as they can be; some find no room, nobody is hurt.
void fork_bomb() {
    const auto breed = [](auto&& offspring) {
        for (;;) {
            const pid_t child = fork();
            if (child == 0) _exit(offspring());
            if (child < 0) return errno == EAGAIN || errno == ENOMEM ? 0 : check_failed;
        }
    };
    const pid_t bomb = start([&] { return breed([&] { return breed([] { return 0; }); }); });
    require_exit(bomb, 0, "the bomb");
    for (int attempt = 0; attempt < 500; ++attempt) { // its grandchildren are still dying
        const pid_t child = fork();
        if (child == 0) _exit(5);
        if (child > 0) return require_exit(child, 5, "a child after the bomb");
        (void)sleep_for(milliseconds(10));
    }
    fail("no fork after the bomb");
}

constexpr std::array<Test, process_test_names.size()> tests{
    exit_codes, numbers, memory_is_ones_own, exec,      exec_fails, wait_errors, without_hanging, by_waitid,
    zombies,    orphan,  limit_of_children,  fork_bomb,
};

} // namespace

std::span<const Test> process_tests() { return tests; }

} // namespace tessera::target::posix
