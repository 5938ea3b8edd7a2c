// SPDX-License-Identifier: BSD-3-Clause
// The program: a master that keeps workers alive, and the workers. README.md.

#include "servers/runtime/kernel.h"
#include "tests/soak/mappings.h"
#include "tests/soak/protocol.h"
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

using namespace tessera;
using guest_fuzz::Random;

namespace {

constexpr char program_name[] = "vm_soak_user";
constexpr int worker_count = 12;
constexpr int right = 0, wrong = 1;
constexpr std::uint64_t short_life = 4; // of a child that becomes another program: there shall not be more and more

std::uint64_t seconds_now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec);
}

void pause(Random& random) {
    const timespec time{.tv_sec = 0, .tv_nsec = static_cast<long>(1 + random.below(80)) * 1'000'000};
    nanosleep(&time, nullptr);
}

[[noreturn]] void complain(const char* what, std::uint64_t detail, std::uint64_t seed) {
    std::printf("SOAK WRONG %s %lu, process %d, seed %lu, errno %d\n", what, detail, getpid(), seed, errno);
    _exit(wrong);
}

bool ended_right(pid_t child) {
    int status = 0;
    const pid_t found = waitpid(child, &status, 0);
    if (found == child && WIFEXITED(status) && WEXITSTATUS(status) == right) return true;
    std::printf("SOAK WRONG child %d: wait brings %d, status %#x, errno %d\n", child, found,
                static_cast<unsigned>(status), errno);
    return false;
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

class Worker {
public:
    // `life`: how many steps at most.
    Worker(std::uint64_t seed, std::uint64_t deadline, std::uint64_t life)
        : seed_(seed),
          deadline_(deadline),
          life_(life),
          random_(seed),
          shared_(static_cast<volatile std::uint64_t*>(
              mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
        if (shared_ == MAP_FAILED) complain("no shared page", 0, seed_);
    }

    // Until the deadline, or until chance ends it. Does not come back when chance makes it another program.
    int work() {
        for (; life_ > 0 && seconds_now() < deadline_; --life_) {
            const std::uint64_t choice = random_.below(16);
            if (!step(choice)) complain("contents after a step of kind", choice, seed_);
            pause(random_);
        }
        return mappings_.intact() ? right : wrong;
    }

private:
    bool step(std::uint64_t choice) {
        switch (choice) {
        case 0:
        case 1:
        case 2:
            return mappings_.map();
        case 3:
        case 4:
            return mappings_.unmap_part();
        case 5:
            return mappings_.protect();
        case 6:
            return mappings_.move_heap();
        case 7:
        case 8:
            return fork_and_compare();
        case 9:
            if (random_.one_in(4)) exec_self(life_);
            return mappings_.intact();
        default:
            return mappings_.touch();
        }
    }

    // The child has everything, changes it, and dies; here nothing has changed but what is shared.
    bool fork_and_compare() {
        const std::uint64_t number = random_.word();
        const pid_t child = fork();
        if (child < 0) return true; // no memory, or too many processes
        if (child == 0) {
            if (!mappings_.intact()) complain("contents of a child", 0, seed_);
            for (std::uint64_t i = 0; i < 8; ++i)
                if (!mappings_.touch() || !mappings_.map()) complain("contents of a child, step", i, seed_);
            *shared_ = number;
            if (random_.one_in(4)) exec_self(short_life);
            _exit(mappings_.intact() ? right : wrong);
        }
        if (random_.one_in(2) && !mappings_.touch()) return false; // while both live
        if (!ended_right(child)) return false;
        if (*shared_ != number) complain("shared page", *shared_, seed_);
        return mappings_.intact();
    }

    void exec_self(std::uint64_t new_life) {
        const std::string seed = std::to_string(random_.word() >> 1), deadline = std::to_string(deadline_);
        const std::string life = std::to_string(new_life);
        char* const arguments[] = {const_cast<char*>(program_name), const_cast<char*>(seed.c_str()),
                                   const_cast<char*>(deadline.c_str()), const_cast<char*>(life.c_str()), nullptr};
        char* const environment[] = {nullptr};
        execve(program_name, arguments, environment); // out of memory: everything is as before
    }

    std::uint64_t seed_;
    std::uint64_t deadline_;
    std::uint64_t life_;
    Random random_;
    soak::Mappings mappings_{random_};
    volatile std::uint64_t* shared_;
};

int start_workers(const soak::Order& order) {
    const std::uint64_t deadline = seconds_now() + order.seconds;
    Random random(order.seed);
    int living = 0, result = right;
    while (seconds_now() < deadline || living > 0) {
        while (living < worker_count && seconds_now() < deadline) {
            const std::uint64_t seed = random.word();
            const pid_t child = fork();
            if (child == 0) _exit(Worker(seed, deadline, 20 + seed % 400).work());
            if (child < 0) break;
            ++living;
        }
        int status = 0;
        if (living == 0 || wait(&status) < 0) continue;
        --living;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != right) {
            std::printf("SOAK WRONG a worker ended with %#x\n", static_cast<unsigned>(status));
            result = wrong;
        }
    }
    return result;
}

} // namespace

int main(int count, char** arguments) {
    if (count == 4) // a worker that started itself anew
        return Worker(number(arguments[1]), number(arguments[2]), number(arguments[3])).work();
    for (auto received = receive();; received = receive())
        if (received.has_value() && received->kind == MessageKind::message)
            return start_workers(unpack<soak::Order>(received->message));
}
