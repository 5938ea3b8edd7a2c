// SPDX-License-Identifier: BSD-3-Clause
// Signals: handlers, masks, faults, and who dies of them.

#include "kernel/abi/calls/signals.h"
#include "kernel/abi/signal_frame.h"
#include "servers/runtime/kernel.h"
#include "tests/target/posix/suite.h"
#include "tests/target/posix/tests.h"
#include <array>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <time.h>

namespace tessera::target::posix {

namespace {

// What handlers leave behind: they have no argument that could carry it.
volatile std::sig_atomic_t handled = 0; // how often
volatile std::sig_atomic_t last_signal = 0;
siginfo_t last_information;

void count(int signal) {
    handled = handled + 1;
    last_signal = signal;
}

void keep(int signal, siginfo_t* information, void*) {
    count(signal);
    last_information = *information;
}

void handle(int signal, void (*handler)(int), int flags = 0) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = flags;
    require_equal(sigaction(signal, &action, nullptr), 0, "sigaction");
}

timespec milliseconds_of(long count) { return {.tv_sec = count / 1000, .tv_nsec = count % 1000 * 1'000'000}; }
void sleep_milliseconds(long count) {
    const timespec time = milliseconds_of(count);
    nanosleep(&time, nullptr);
}

volatile char* nowhere(std::uint64_t address) {
    asm volatile("" : "+r"(address));
    return reinterpret_cast<volatile char*>(address);
}

int divide_by_zero() {
    asm volatile("xorl %%edx, %%edx\n\tdivl %0" : : "r"(0) : "eax", "edx", "cc");
    return 0;
}

void raise_and_return() {
    handle(SIGUSR1, count);
    double kept = 1.5;
    asm volatile("" : "+x"(kept));
    for (int i = 1; i <= 3; ++i) {
        require_equal(raise(SIGUSR1), 0, "raise");
        require_equal(static_cast<int>(handled), i, "handled before raise returns");
    }
    asm volatile("" : "+x"(kept));
    require(kept == 1.5, "registers are kept");
    require_equal(kill(getpid(), SIGUSR1), 0, "kill");
    require_equal(static_cast<int>(handled), 4, "handled before kill returns");
    require_equal(static_cast<int>(last_signal), SIGUSR1, "the number");
}

void deaths() {
    require_signal(start([] { return *nowhere(8); }), SIGSEGV, "reading null");
    require_signal(start([] { return divide_by_zero(); }), SIGFPE, "dividing by zero");
    require_signal(start([] {
                       asm volatile("ud2");
                       return 0;
                   }),
                   SIGILL, "an illegal instruction");
    require_signal(start([] {
                       std::abort();
                       return 0;
                   }),
                   SIGABRT, "abort");
    require_signal(start([] { return raise(SIGTERM); }), SIGTERM, "what nobody handles");
    require_signal(start([] { return raise(SIGKILL); }), SIGKILL, "kill");
    require_exit(start([] { return raise(SIGCHLD) + raise(SIGCONT) + raise(SIGURG); }), 0, "what does nothing");
    require_signal(start([] {
                       handle(SIGABRT, count);
                       std::abort();
                       return 0;
                   }),
                   SIGABRT, "abort after its handler");
}

void killed_by_parent() {
    for (const int signal : {SIGKILL, SIGTERM, SIGUSR1}) {
        const pid_t child = start([] {
            pause();
            return 0;
        });
        require_equal(kill(child, 0), 0, "it is there");
        require_equal(kill(child, signal), 0, "kill");
        require_signal(child, signal, "the signal that ended it");
        require_errno(kill(child, 0), ESRCH, "it is gone");
    }
    require_errno(kill(getpid(), 65), EINVAL, "no such signal");
    require_errno(kill(12345, SIGTERM), ESRCH, "no such process");
}

sigjmp_buf way_out;
void jump_out(int signal, siginfo_t* information, void* context) {
    keep(signal, information, context);
    siglongjmp(way_out, 1);
}

void fault_with_address() {
    struct sigaction action{};
    action.sa_sigaction = jump_out;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, nullptr);
    for (const std::uint64_t address : {0x10ull, 0x12'3456'7000ull, 0xffff'ffff'8020'0000ull}) {
        if (sigsetjmp(way_out, 1) == 0) {
            *nowhere(address) = 1;
            fail("the write went through");
        }
        require_equal(reinterpret_cast<std::uint64_t>(last_information.si_addr), address, "si_addr");
        require_equal(last_information.si_signo, SIGSEGV, "si_signo");
    }
    require_equal(static_cast<int>(handled), 3, "each fault once");
}

char* guarded = nullptr;
void allow(int signal) {
    count(signal);
    mprotect(guarded, page_bytes, PROT_READ | PROT_WRITE);
}

// The instruction that faulted runs again after the handler.
void fault_repaired() {
    guarded = static_cast<char*>(mmap(nullptr, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    handle(SIGSEGV, allow);
    *static_cast<volatile char*>(guarded) = 5;
    require_equal(static_cast<int>(*guarded), 5, "written after all");
    require_equal(static_cast<int>(handled), 1, "one fault");
}

void masks() {
    handle(SIGUSR1, count);
    handle(SIGUSR2, count);
    sigset_t one, before, pending;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    require_equal(sigprocmask(SIG_BLOCK, &one, &before), 0, "block");
    raise(SIGUSR1);
    raise(SIGUSR1);
    require_equal(static_cast<int>(handled), 0, "held back");
    sigpending(&pending);
    require(sigismember(&pending, SIGUSR1) == 1 && sigismember(&pending, SIGUSR2) == 0, "pending");
    raise(SIGUSR2);
    require_equal(static_cast<int>(handled), 1, "the other one comes");
    sigset_t wait_mask = before;
    require_errno(sigsuspend(&wait_mask), EINTR, "sigsuspend");
    require_equal(static_cast<int>(handled), 2, "once: it was pending twice");
    sigprocmask(SIG_SETMASK, nullptr, &pending);
    require(sigismember(&pending, SIGUSR1) == 1, "held back again");
    sigprocmask(SIG_SETMASK, &before, nullptr);
    require_equal(static_cast<int>(handled), 2, "nothing is left");
}

int depth = 0, deepest = 0;
void nest(int) {
    deepest = std::max(deepest, ++depth);
    if (++last_information.si_value.sival_int < 3) raise(SIGUSR1);
    --depth;
}

void in_a_handler() {
    handle(SIGUSR1, nest);
    last_information = {};
    raise(SIGUSR1);
    require_equal(deepest, 1, "held back in its own handler");
    require_equal(last_information.si_value.sival_int, 3, "and handled after it");
    deepest = 0;
    last_information = {};
    handle(SIGUSR1, nest, SA_NODEFER);
    raise(SIGUSR1);
    require_equal(deepest, 3, "SA_NODEFER");
    require_signal(start([] {
                       handle(SIGUSR1, count, static_cast<int>(SA_RESETHAND));
                       raise(SIGUSR1);
                       raise(SIGUSR1);
                       return 0;
                   }),
                   SIGUSR1, "SA_RESETHAND");
}

void child_signal() {
    handle(SIGCHLD, count);
    require_exit(start([] { return 0; }), 0, "the child");
    require_equal(static_cast<int>(handled), 1, "one child, one signal");
    require_equal(static_cast<int>(last_signal), SIGCHLD, "SIGCHLD");
}

// The child signals its parent, which waits for it.
void interrupted_wait() {
    const auto child = [] {
        return start([] {
            sleep_milliseconds(10);
            kill(getppid(), SIGUSR1);
            sleep_milliseconds(10);
            return 4;
        });
    };
    handle(SIGUSR1, count);
    const pid_t first = child();
    require_errno(waitpid(first, nullptr, 0), EINTR, "wait");
    require_equal(static_cast<int>(handled), 1, "its handler ran");
    require_exit(first, 4, "wait again");
    handle(SIGUSR1, count, SA_RESTART);
    require_exit(child(), 4, "SA_RESTART");
    require_equal(static_cast<int>(handled), 2, "its handler ran, too");
}

void interrupted_sleep() {
    handle(SIGUSR1, count);
    const pid_t parent = getpid();
    const pid_t child = start([&] {
        sleep_milliseconds(10);
        return kill(parent, SIGUSR1);
    });
    const timespec long_time = milliseconds_of(100'000);
    timespec left{};
    require_errno(nanosleep(&long_time, &left), EINTR, "nanosleep");
    require(left.tv_sec >= 90 && left.tv_sec < 100, "what was left");
    require_exit(child, 0, "the child");
}

void over_fork_and_exec() {
    handle(SIGUSR1, count);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    sigprocmask(SIG_BLOCK, &one, nullptr);
    raise(SIGUSR2);
    require_exit(start([] {
                     raise(SIGUSR1);
                     sigset_t pending, mask;
                     sigpending(&pending);
                     sigprocmask(SIG_BLOCK, nullptr, &mask);
                     const bool right = sigismember(&pending, SIGUSR2) == 0 && sigismember(&mask, SIGUSR2) == 1;
                     return right ? static_cast<int>(handled) : check_failed;
                 }),
                 1, "a child has handlers and mask, nothing pending");
    const auto execute = [](const char* what) {
        return start([=] {
            execl("posix_tests", "posix_tests", what, nullptr);
            return check_failed;
        });
    };
    require_signal(execute("raise_user_1"), SIGUSR1, "another program has no handler");
    signal(SIGUSR1, SIG_IGN);
    require_exit(execute("raise_user_1"), 0, "but ignores what was ignored");
    require_exit(execute("mask"), 0, "and has the mask");
}

// A frame that nobody delivered; the kernel believes what does no harm.
void bad_frames() {
    const auto die_of = [](std::uint64_t instruction_pointer, std::uint64_t stack) {
        return start([=] {
            SignalFrame frame;
            frame.registers.instruction_pointer = instruction_pointer;
            frame.registers.stack_pointer = stack;
            frame.registers.flags = ~0ull;
            frame.extended.fill(std::byte{0xff});
            (void)kernel_call<kernel_calls::SignalReturn>({.frame = {reinterpret_cast<std::uint64_t>(&frame)}});
            return 0;
        });
    };
    constexpr std::uint64_t kernel = 0xffff'ffff'8020'0000, not_canonical = 1ull << 63 | 1, hole = 0x1000;
    for (const std::uint64_t address : {kernel, not_canonical, hole}) {
        require_signal(die_of(address, 0x7000'0000), SIGSEGV, "a bad instruction pointer");
        require_signal(die_of(0x1000, address), SIGSEGV, "a bad stack pointer");
    }
    const auto unreadable = kernel_call<kernel_calls::SignalReturn>({.frame = {kernel}});
    require_status(unreadable.status(), Status::bad_address, "a frame in the kernel");
    require_signal(start([] {
                       handle(SIGSEGV, count);
                       asm volatile("movq $64, %%rsp\n\tmovb $1, 0" : : : "memory");
                       return 0;
                   }),
                   SIGSEGV, "no stack for the frame");
}

constexpr std::array<Test, signal_test_names.size()> tests{
    raise_and_return, deaths,       killed_by_parent, fault_with_address, fault_repaired,     masks,
    in_a_handler,     child_signal, interrupted_wait, interrupted_sleep,  over_fork_and_exec, bad_frames,
};

} // namespace

std::span<const Test> signal_tests() { return tests; }

} // namespace tessera::target::posix
