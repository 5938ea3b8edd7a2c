// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// One address space as a map of pages. A page that is not there, or is read-only for a write, faults: that is how a
// test makes a copy stop where it wants.

#include "kernel/abi/strong.h"
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

namespace tessera::kernel::host {

enum class PageRights : std::uint8_t { read_only, read_write };

class UserMemory {
public:
    // Zeroed pages; those that are there already keep their contents and change rights.
    void map(VirtualAddress begin, std::uint64_t bytes, PageRights rights = PageRights::read_write);
    void unmap(VirtualAddress begin, std::uint64_t bytes);

    // What the kernel's copies use. Nothing, or the address that faulted; bytes before it are done.
    std::optional<VirtualAddress> load(VirtualAddress from, std::span<std::byte> to) const;
    std::optional<VirtualAddress> store(VirtualAddress to, std::span<const std::byte> from);

    // What tests use: they throw std::out_of_range for a page that is not there.
    void put_bytes(VirtualAddress to, std::span<const std::byte> bytes);
    std::string text(VirtualAddress from, std::size_t bytes) const;
    void put_text(VirtualAddress to, std::string_view text) { put_bytes(to, std::as_bytes(std::span(text))); }
    template <class T> void put(VirtualAddress to, const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        put_bytes(to, std::as_bytes(std::span(&value, 1)));
    }
    template <class T> T get(VirtualAddress from) const {
        static_assert(std::is_trivially_copyable_v<T>);
        T value{};
        get_bytes(from, std::as_writable_bytes(std::span(&value, 1)));
        return value;
    }

private:
    struct Page {
        PageRights rights = PageRights::read_write;
        std::array<std::byte, page_bytes> bytes{};
    };

    void get_bytes(VirtualAddress from, std::span<std::byte> bytes) const;

    std::map<std::uint64_t, Page> pages_; // by number
};

} // namespace tessera::kernel::host
