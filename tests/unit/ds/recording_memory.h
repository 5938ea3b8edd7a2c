// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Stable memory that remembers every store, so that a test can see what a crash after each of them would leave.

#include "servers/ds/stable_memory.h"
#include <vector>

namespace tessera::ds::test {

class RecordingMemory final : public StableMemory {
public:
    explicit RecordingMemory(std::size_t size) : bytes_(size) {}
    explicit RecordingMemory(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

    std::span<const std::byte> bytes() const override { return bytes_; }
    void write(std::size_t offset, std::span<const std::byte> source) override {
        record_opened();
        store(offset, source);
        history_.push_back({.offset = offset, .bytes{source.begin(), source.end()}, .grain = 1});
    }
    std::span<std::byte> open(std::size_t offset, std::size_t bytes) override {
        opened_.push_back({.offset = offset, .bytes = bytes});
        return std::span(bytes_).subspan(offset, bytes);
    }
    void commit(std::size_t offset, std::uint64_t word) override {
        record_opened();
        if (offset % sizeof(word) != 0) throw std::logic_error("a commit must be one aligned store");
        const auto source = std::as_bytes(std::span(&word, 1));
        store(offset, source);
        history_.push_back({.offset = offset, .bytes{source.begin(), source.end()}, .grain = sizeof(word)});
    }

    std::vector<std::byte>& raw() { return bytes_; }
    void forget_history() {
        history_.clear();
        opened_.clear();
    }

    // Calls `visit(memory)` with the memory as it was before the recorded stores and after each of them. Bulk writes
    // count as a store every `stride` bytes.
    template <class Visitor> void replay(std::vector<std::byte> memory, std::size_t stride, Visitor&& visit) const {
        visit(memory);
        for (const Step& step : history_) {
            const std::size_t piece = std::max(step.grain, step.grain == 1 ? stride : step.grain);
            for (std::size_t done = 0; done < step.bytes.size();) {
                const std::size_t count = std::min(piece, step.bytes.size() - done);
                std::copy_n(step.bytes.begin() + static_cast<std::ptrdiff_t>(done), count,
                            memory.begin() + static_cast<std::ptrdiff_t>(step.offset + done));
                done += count;
                visit(memory);
            }
        }
    }

private:
    struct Step {
        std::size_t offset;
        std::vector<std::byte> bytes;
        std::size_t grain;
    };

    struct Opened {
        std::size_t offset;
        std::size_t bytes;
    };

    // What others wrote counts as written when DS goes on.
    void record_opened() {
        for (const Opened& part : opened_) {
            const auto bytes = std::span(bytes_).subspan(part.offset, part.bytes);
            history_.push_back({.offset = part.offset, .bytes{bytes.begin(), bytes.end()}, .grain = 1});
        }
        opened_.clear();
    }
    void store(std::size_t offset, std::span<const std::byte> source) {
        if (offset + source.size() > bytes_.size()) throw std::out_of_range("a store outside of the memory");
        std::copy(source.begin(), source.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    }

    std::vector<std::byte> bytes_;
    std::vector<Step> history_;
    std::vector<Opened> opened_;
};

} // namespace tessera::ds::test
