// SPDX-License-Identifier: BSD-3-Clause
// What processes cost: a small program, without the C++ library's formatting, as every page of it is one that fork must
// look at.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

namespace {

constexpr std::size_t page_bytes = 4096;
constexpr int warm_up = 8, repetitions = 64;

int compare(const void* a, const void* b) {
    const auto left = *static_cast<const std::uint64_t*>(a), right = *static_cast<const std::uint64_t*>(b);
    return left < right ? -1 : left > right ? 1 : 0;
}

void report(const char* name, std::uint64_t* samples, std::size_t count) {
    std::qsort(samples, count, sizeof(*samples), compare);
    std::printf(R"(BENCH {"name":"%s","unit":"instructions","min":%lu,"median":%lu,"count":%zu})"
                "\n",
                name, samples[0], samples[count / 2], count);
}

template <class Operation> void run(const char* name, Operation&& operation) {
    static std::uint64_t samples[repetitions];
    for (int i = 0; i < warm_up; ++i) operation();
    for (std::uint64_t& sample : samples) {
        const std::uint64_t begin = __rdtsc();
        operation();
        sample = __rdtsc() - begin;
    }
    report(name, samples, repetitions);
}

void fork_exit_wait() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, nullptr, 0);
}

void fork_exec_wait() {
    static char name[] = "bench_nothing";
    static char* const arguments[] = {name, nullptr};
    static char* const environment[] = {nullptr};
    const pid_t child = fork();
    if (child == 0) {
        execve(name, arguments, environment);
        _exit(1);
    }
    waitpid(child, nullptr, 0);
}

volatile char* map_touched(std::size_t pages) {
    void* const memory = mmap(nullptr, pages * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    auto* const bytes = static_cast<volatile char*>(memory);
    for (std::size_t i = 0; i < pages; ++i) bytes[i * page_bytes] = 1;
    return bytes;
}

// What fork, exit and wait cost when so many more pages are touched.
void fork_sizes() {
    constexpr std::size_t sizes[] = {16, 64, 256, 1024};
    for (const std::size_t pages : sizes) {
        volatile char* const memory = map_touched(pages);
        if (memory == nullptr) return;
        char name[40];
        std::snprintf(name, sizeof(name), "fork.exit.wait.touched.%zu", pages);
        run(name, fork_exit_wait);
        munmap(const_cast<char*>(memory), pages * page_bytes);
    }
}

// The parent writes to pages that its child, which waits, has too.
void copy_on_write() {
    constexpr std::size_t pages = repetitions;
    static std::uint64_t samples[pages];
    volatile char* const memory = map_touched(pages);
    const pid_t child = memory == nullptr ? -1 : fork();
    if (child < 0) return;
    if (child == 0)
        for (;;) pause();
    for (std::size_t i = 0; i < pages; ++i) {
        const std::uint64_t begin = __rdtsc();
        memory[i * page_bytes] = 2;
        samples[i] = __rdtsc() - begin;
    }
    report("fault.cow", samples, pages);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}

} // namespace

int main() {
    run("fork.exit.wait", fork_exit_wait);
    run("fork.exec.wait", fork_exec_wait);
    copy_on_write();
    fork_sizes();
}
