// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Does the same random things to a kernel and to the reference model and compares them after each.

#include "tests/unit/kernel/message_model.h"
#include "tests/unit/kernel/system.h"
#include <deque>
#include <random>

namespace tessera::kernel::test {

class RandomMessages {
public:
    explicit RandomMessages(std::uint64_t seed);

    // Throws std::runtime_error with the seed, the step and what was done last when kernel and model differ.
    void run(std::uint64_t steps);

    void observe(TraceClasses classes) { system_.kernel->observe(classes); }
    const KernelCounters& counters() const { return system_.kernel->counters; }

private:
    static constexpr std::uint32_t process_count = 11; // of which one is the administrator

    // A number below `limit`.
    std::uint32_t pick(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    bool chance(std::uint32_t percent) { return pick(100) < percent; }
    std::optional<std::uint32_t> runnable_slot();
    std::uint32_t any_slot();
    Endpoint any_endpoint();
    Endpoint peer_of(std::uint32_t slot);

    void step();
    void act(std::uint32_t slot);
    void call_messages(std::uint32_t slot, std::uint32_t choice);
    void interfere();
    void notify_from_kernel(std::uint32_t slot);
    void govern();
    void create();
    void end_one();
    void reap(const ModelProcess& dead);
    void set_privileges(Endpoint endpoint);
    void resolve();
    void schedule();
    void next();

    // The kernel call of the administrator, whose answer must be the model's.
    template <class Call> void administer(const typename Call::Request& request, Status expected);

    void note(std::string_view what, std::uint64_t first = 0, std::uint64_t second = 0);
    void compare();
    void compare_process(std::uint32_t slot);
    void compare_outcome(const Process& process, const Outcome& expected);
    void require(bool condition, std::string_view what, std::uint32_t slot);
    [[noreturn]] void fail(const std::string& what);

    struct Note {
        std::string_view what;
        std::uint64_t first;
        std::uint64_t second;
    };

    std::uint64_t seed_;
    std::mt19937_64 random_;
    System system_;
    Process& administrator_;
    MessageModel model_;
    std::uint64_t steps_done_ = 0;
    std::uint64_t next_word_ = 1;
    std::deque<Note> notes_; // what was done last
};

} // namespace tessera::kernel::test
