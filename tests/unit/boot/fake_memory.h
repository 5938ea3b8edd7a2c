// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A piece of physical memory full of garbage, and a reader of the page tables in it.

#include "boot/first_space.h"
#include <memory>
#include <stdexcept>
#include <vector>

namespace tessera::tests {

class FakeMemory {
public:
    static constexpr PhysicalAddress base{0x100'0000};

    explicit FakeMemory(std::size_t frames) : bytes_(frames * page_bytes, std::byte{0xa5}) {
        if (current_ != nullptr) throw std::logic_error("there is a physical memory already");
        current_ = this; // FrameSource takes a plain function
    }
    ~FakeMemory() { current_ = nullptr; }
    FakeMemory(const FakeMemory&) = delete;
    FakeMemory& operator=(const FakeMemory&) = delete;

    static std::byte* pointer(PhysicalAddress address) { return &current_->bytes_.at(address - base); }
    boot::FrameSource frames() { return {base, base + bytes_.size(), pointer}; }
    std::span<const std::byte> page(PhysicalAddress frame) const {
        return std::span(bytes_).subspan(frame - base, page_bytes);
    }
    std::uint64_t entry(PhysicalAddress table, std::size_t index) const {
        std::uint64_t value = 0;
        std::memcpy(&value, page(table).subspan(index * sizeof(value)).data(), sizeof(value));
        return value;
    }

private:
    static inline FakeMemory* current_ = nullptr;
    std::vector<std::byte> bytes_;
};

// One mapping as the processor sees it: rights are what all levels together give (SDM volume 3A, 4.6).
struct Mapping {
    std::uint64_t address = 0; // linear
    PhysicalAddress frame;
    std::uint64_t bytes = 0;
    bool writable = false;
    bool user = false;
    bool executable = false;
};

// Every mapping under a root entry, by address.
inline std::vector<Mapping> mappings(const FakeMemory& memory, std::uint64_t root_entry) {
    constexpr std::uint64_t present = 1, writable = 2, user = 4, large = 1 << 7, no_execute = 1ull << 63;
    constexpr std::uint64_t frame_mask = 0x000f'ffff'ffff'f000;
    std::vector<Mapping> found;
    const auto walk = [&](const auto& self, std::uint64_t entry, unsigned level, Mapping so_far) -> void {
        if ((entry & present) == 0) return;
        so_far.writable &= (entry & writable) != 0;
        so_far.user &= (entry & user) != 0;
        so_far.executable &= (entry & no_execute) == 0;
        so_far.frame = {entry & frame_mask};
        if (level == 0 || (entry & large) != 0) {
            so_far.bytes = 1ull << (12 + 9 * level);
            found.push_back(so_far);
            return;
        }
        const PhysicalAddress table = so_far.frame;
        for (std::uint64_t index = 0; index < 512; ++index) {
            Mapping below = so_far;
            below.address = so_far.address | index << (12 + 9 * (level - 1));
            self(self, memory.entry(table, index), level - 1, below);
        }
    };
    walk(walk, root_entry, 3, {.writable = true, .user = true, .executable = true});
    return found;
}

} // namespace tessera::tests
