// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/host/user_memory.h"
#include <algorithm>
#include <stdexcept>

namespace tessera::kernel::host {

namespace {

// Calls `piece(page number, offset in the page, first byte, bytes)` for each part of a range that is in one page, while
// it answers true. Returns where it did not.
template <class Piece>
std::optional<VirtualAddress> for_each_page(VirtualAddress begin, std::size_t bytes, Piece&& piece) {
    for (std::size_t done = 0; done < bytes;) {
        const VirtualAddress address = begin + done;
        const auto count = std::min<std::size_t>(page_bytes - address.page_offset(), bytes - done);
        if (!piece(address.value / page_bytes, address.page_offset(), done, count)) return address;
        done += count;
    }
    return std::nullopt;
}

void require_present(std::optional<VirtualAddress> fault) {
    if (fault.has_value()) throw std::out_of_range("a test touched a page of user memory that is not there");
}

} // namespace

void UserMemory::map(VirtualAddress begin, std::uint64_t bytes, PageRights rights) {
    for_each_page(begin, bytes, [&](std::uint64_t number, auto...) {
        pages_[number].rights = rights;
        return true;
    });
}

void UserMemory::unmap(VirtualAddress begin, std::uint64_t bytes) {
    for_each_page(begin, bytes, [&](std::uint64_t number, auto...) {
        pages_.erase(number);
        return true;
    });
}

std::optional<VirtualAddress> UserMemory::load(VirtualAddress from, std::span<std::byte> to) const {
    return for_each_page(from, to.size(),
                         [&](std::uint64_t number, std::size_t offset, std::size_t done, std::size_t n) {
                             const auto page = pages_.find(number);
                             if (page == pages_.end()) return false;
                             std::copy_n(&page->second.bytes[offset], n, to.subspan(done).begin());
                             return true;
                         });
}

std::optional<VirtualAddress> UserMemory::store(VirtualAddress to, std::span<const std::byte> from) {
    return for_each_page(to, from.size(),
                         [&](std::uint64_t number, std::size_t offset, std::size_t done, std::size_t n) {
                             const auto page = pages_.find(number);
                             if (page == pages_.end() || page->second.rights == PageRights::read_only) return false;
                             std::copy_n(from.subspan(done).begin(), n, &page->second.bytes[offset]);
                             return true;
                         });
}

void UserMemory::put_bytes(VirtualAddress to, std::span<const std::byte> bytes) {
    require_present(
        for_each_page(to, bytes.size(), [&](std::uint64_t number, std::size_t offset, std::size_t done, std::size_t n) {
            const auto page = pages_.find(number);
            if (page == pages_.end()) return false;
            std::copy_n(bytes.subspan(done).begin(), n, &page->second.bytes[offset]);
            return true;
        }));
}

void UserMemory::get_bytes(VirtualAddress from, std::span<std::byte> bytes) const {
    require_present(load(from, bytes));
}

std::string UserMemory::text(VirtualAddress from, std::size_t bytes) const {
    std::string text(bytes, '\0');
    get_bytes(from, std::as_writable_bytes(std::span(text)));
    return text;
}

} // namespace tessera::kernel::host
