// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Memory that outlives the process. Records are written through this interface alone, in program order: so a test can
// stop the world after any single store, and the compiler cannot reorder what a crash would show.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tessera::ds {

class StableMemory {
public:
    virtual ~StableMemory() = default;
    virtual std::span<const std::byte> bytes() const = 0; // aligned for 64-bit words
    // After a crash on the way any part of the bytes may be written.
    virtual void write(std::size_t offset, std::span<const std::byte> source) = 0;
    // Memory that is filled in any order before the next commit: bytes of no record yet.
    virtual std::span<std::byte> open(std::size_t offset, std::size_t bytes) = 0;
    // One store to an aligned offset: after a crash there is the old word or the new one, and everything written
    // before.
    virtual void commit(std::size_t offset, std::uint64_t word) = 0;
};

// The real one. The processor keeps the order of stores (x86 memory ordering, Intel SDM volume 3, section "Memory
// Ordering"); the fences keep the compiler from changing it.
class PreservedMemory final : public StableMemory {
public:
    explicit PreservedMemory(std::span<std::byte> bytes) : bytes_(bytes) {}

    std::span<const std::byte> bytes() const override { return bytes_; }
    void write(std::size_t offset, std::span<const std::byte> source) override {
        const auto target = bytes_.subspan(offset, source.size());
        std::memcpy(target.data(), source.data(), source.size());
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    std::span<std::byte> open(std::size_t offset, std::size_t bytes) override { return bytes_.subspan(offset, bytes); }
    void commit(std::size_t offset, std::uint64_t word) override {
        const auto target = bytes_.subspan(offset, sizeof(word));
        std::atomic_signal_fence(std::memory_order_seq_cst);
        std::atomic_ref(*reinterpret_cast<std::uint64_t*>(target.data())).store(word, std::memory_order_relaxed);
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }

private:
    std::span<std::byte> bytes_;
};

} // namespace tessera::ds
