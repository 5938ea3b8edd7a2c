// SPDX-License-Identifier: BSD-3-Clause
// Random processes with random memory: VM answers as its model does, agrees with it, checks itself without a finding,
// and has everything back at the end.

#include "kernel/abi/user_layout.h"
#include "tests/unit/vm/modelled_machine.h"
#include "tests/unit/vm/random_run.h"
#include <catch2/catch.hpp>
#include <format>
#include <random>

namespace tessera::tests {
namespace {

using namespace protocol::vm;

constexpr std::uint32_t first_slot = 5;
constexpr std::uint32_t slots = 6;
constexpr std::uint32_t driver_slot = 8;

class RandomMemory {
public:
    explicit RandomMemory(std::uint32_t seed) : random_(seed) {}

    // Throws Disagreement, with the number of the operation.
    void run(int operations) {
        for (int i = 0; i < operations; ++i) try {
                step();
                if (i % 128 == 0) machine_.compare_all();
            } catch (const std::exception& error) {
                throw Disagreement(std::format("operation {} ({}): {}", i, doing_, error.what()));
            }
        machine_.end_all();
    }

private:
    using Action = void (RandomMemory::*)(Endpoint);
    struct Choice {
        std::string_view name;
        unsigned weight;
        Action action;
    };
    static const std::array<Choice, 14> choices;

    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    template <class Value, std::size_t Size> Value any_of(const std::array<Value, Size>& values) {
        return values[below(Size)];
    }

    void step() {
        const std::uint32_t slot = first_slot + static_cast<std::uint32_t>(below(slots));
        const Endpoint process{slot, generations_[slot - first_slot]};
        doing_ = "spawn";
        if (!machine_.has(process)) return spawn(slot);
        unsigned total = 0;
        for (const Choice& choice : choices) total += choice.weight;
        std::uint64_t drawn = below(total);
        for (const Choice& choice : choices) {
            if (drawn < choice.weight) {
                doing_ = choice.name;
                return (this->*choice.action)(process);
            }
            drawn -= choice.weight;
        }
    }

    void spawn(std::uint32_t slot) {
        const Endpoint process{slot, ++generations_[slot - first_slot]};
        const auto budget = static_cast<std::uint32_t>(one_in(8) ? 5 + below(20) : 20 + below(140));
        machine_.spawn(process, budget,
                       slot == driver_slot ? ModelledMachine::Kind::driver : ModelledMachine::Kind::user);
    }

    // Where something begins, or nearly: in what the program has, and over the ends of page tables.
    VirtualAddress address(Endpoint process) {
        const std::array places{user_layout::anonymous,
                                user_layout::anonymous,
                                user_layout::anonymous + large_page_bytes - 8 * page_bytes,
                                user_layout::anonymous + user_layout::gib - 8 * page_bytes,
                                user_layout::image,
                                machine_.model(process).heap_start.page(),
                                user_layout::stack_end - 24 * page_bytes,
                                user_layout::clock - 8 * page_bytes,
                                VirtualAddress{0}};
        return any_of(places) + below(24) * page_bytes + (one_in(16) ? below(page_bytes) : 0);
    }
    VirtualAddress inside(Endpoint process) { return address(process).page() + below(page_bytes); }
    std::uint64_t bytes() {
        if (one_in(64)) return any_of(std::array<std::uint64_t, 4>{0, 1ull << 38, ~0ull, ~0ull - page_bytes});
        return 1 + below((one_in(8) ? 40 : 6) * page_bytes);
    }
    Protection protection() {
        constexpr Protection read_write = Protection::read | Protection::write;
        if (one_in(32)) return any_of(std::array{read_write | Protection::execute, static_cast<Protection>(64)});
        return any_of(std::array{read_write, read_write, read_write, Protection::read, Protection::none,
                                 Protection::read | Protection::execute});
    }
    vm::Access access() {
        return any_of(std::array{vm::Access::read, vm::Access::write, vm::Access::write, vm::Access::execute});
    }
    Endpoint anyone() {
        const std::uint32_t slot = first_slot + static_cast<std::uint32_t>(below(slots));
        return {slot, generations_[slot - first_slot] + (one_in(16) ? 1u : 0u)};
    }

    void fork(Endpoint process) {
        const std::uint32_t slot = first_slot + static_cast<std::uint32_t>(below(slots));
        const Endpoint present{slot, generations_[slot - first_slot]};
        if (machine_.has(present)) return machine_.fork(process, present); // it exists
        machine_.fork(process, {slot, ++generations_[slot - first_slot]});
    }
    void execute(Endpoint process) {
        machine_.execute(process, one_in(4) ? any_of(std::array<std::string_view, 2>{"text", "none"}) : "program");
    }
    void exit(Endpoint process) { machine_.exit(process); }
    void map(Endpoint process) {
        machine_.map(process, {.address = one_in(4) ? VirtualAddress{} : address(process),
                               .bytes = bytes(),
                               .protection = protection(),
                               .placement = one_in(2) ? MapPlacement::exactly : MapPlacement::anywhere,
                               .sharing = one_in(4) ? MapSharing::shared : MapSharing::own});
    }
    void unmap(Endpoint process) { machine_.unmap(process, address(process), bytes()); }
    void unmap_all(Endpoint process) { machine_.unmap(process, {0}, user_layout::stack_end.value); }
    void protect(Endpoint process) {
        machine_.protect(process, {.address = address(process), .bytes = bytes(), .protection = protection()});
    }
    void move_break(Endpoint process) {
        const VirtualAddress start = machine_.model(process).heap_start;
        machine_.move_break(process, one_in(8) ? address(process) : start + below(16 * page_bytes));
    }
    void map_contiguous(Endpoint process) {
        constexpr std::array limits{PhysicalAddress{0}, PhysicalAddress{0}, PhysicalAddress{machine_bytes},
                                    PhysicalAddress{100}};
        machine_.map_contiguous(process, {.bytes = one_in(8) ? bytes() % (8 * page_bytes) : 1 + below(4 * page_bytes),
                                          .limit = one_in(4) ? any_of(limits) : PhysicalAddress{},
                                          .alignment = any_of(std::array<std::uint64_t, 5>{0, 0, 4096, 8192, 3000})});
    }
    void remap(Endpoint process) {
        const Endpoint destination = one_in(3) ? process : anyone();
        if (!one_in(4)) machine_.wait_for(destination, process);
        machine_.remap(process, {.destination = destination,
                                 .address = one_in(2) ? VirtualAddress{} : address(process),
                                 .source = shared_place(process),
                                 .bytes = bytes(),
                                 .protection = protection()});
    }
    void unmap_shared(Endpoint process) {
        const Endpoint other = one_in(3) ? process : anyone();
        machine_.unmap_shared(process, {other, machine_.has(other) ? shared_place(other) : VirtualAddress{}});
    }
    void status_of_shared(Endpoint process) {
        machine_.status_of_shared(process, shared_place(process) + below(page_bytes));
    }
    // Mostly where there is shared memory, and mostly where it begins.
    VirtualAddress shared_place(Endpoint process) {
        std::vector<ModelRun> shared;
        for (const ModelRun& run : machine_.model(process).runs())
            if (run.kind == RegionKind::shared) shared.push_back(run);
        if (shared.empty() || one_in(8)) return address(process);
        const AddressRange range = shared[below(shared.size())].range;
        return one_in(3) ? range.start + below(range.pages()) * page_bytes : range.start;
    }
    void touch(Endpoint process) { machine_.access(process, inside(process), access(), random_()); }
    void request(Endpoint process) {
        const VirtualAddress start = inside(process);
        machine_.request(process, {start, start + (one_in(16) ? 0 : 1 + below(8 * page_bytes))},
                         one_in(2) ? vm::Access::read : vm::Access::write);
    }

    static constexpr std::uint64_t machine_bytes = 4 * large_page_bytes;

    ModelledMachine machine_;
    std::mt19937_64 random_;
    std::array<std::uint32_t, slots> generations_{};
    std::string_view doing_;
};

constinit const std::array<RandomMemory::Choice, 14> RandomMemory::choices{{
    {"fork", 4, &RandomMemory::fork},
    {"exec", 1, &RandomMemory::execute},
    {"exit", 2, &RandomMemory::exit},
    {"map", 14, &RandomMemory::map},
    {"unmap", 10, &RandomMemory::unmap},
    {"unmap everything", 1, &RandomMemory::unmap_all},
    {"protect", 10, &RandomMemory::protect},
    {"break", 5, &RandomMemory::move_break},
    {"contiguous_map", 3, &RandomMemory::map_contiguous},
    {"remap", 6, &RandomMemory::remap},
    {"shared_unmap", 3, &RandomMemory::unmap_shared},
    {"shared_status", 2, &RandomMemory::status_of_shared},
    {"access", 50, &RandomMemory::touch},
    {"request", 8, &RandomMemory::request},
}};

void compare_with_model(int operations) {
    const std::uint32_t seed = seed_or(4);
    INFO("TESSERA_SEED=" << seed);
    RandomMemory(seed).run(operations);
}

} // namespace

// A quarter of the usual run: an operation here is a comparison of whole spaces.
TEST_CASE("random use of memory agrees with a map of pages") { compare_with_model(short_run / 4); }

TEST_CASE("random use of memory agrees with a map of pages: a million operations", "[.][long]") {
    compare_with_model(long_run);
}

} // namespace tessera::tests
