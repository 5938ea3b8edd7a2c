// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The processor's part in VM's view of memory: when VM flushes its own translations, the pages of the test's memory get
// the protection that VM's page tables say. A stray write is a fault of the test's process then.

#include "kernel/abi/user_layout.h"
#include "servers/vm/page_entry.h"
#include "servers/vm/physical_view.h"
#include <algorithm>
#include <stdexcept>
#include <sys/mman.h>
#include <vector>

namespace tessera::tests {

class FakePaging {
public:
    FakePaging(vm::PhysicalView view, std::uint64_t pages, vm::PageEntry root_entry)
        : view_(view),
          root_entry_(root_entry),
          locked_(pages, false) {}
    ~FakePaging() {
        for (std::uint64_t i = 0; i < locked_.size(); ++i)
            if (locked_[i]) protect(i, PROT_READ | PROT_WRITE);
    }
    FakePaging(const FakePaging&) = delete;
    FakePaging& operator=(const FakePaging&) = delete;

    void flush() {
        for (std::uint64_t i = 0; i < locked_.size(); ++i) {
            const bool locked = is_read_only({i * page_bytes});
            if (locked == locked_[i]) continue;
            protect(i, locked ? PROT_READ : PROT_READ | PROT_WRITE);
            locked_[i] = locked;
        }
    }

    bool locked(const void* pointer) const {
        return locked_.at(view_.address_of(static_cast<const std::byte*>(pointer)).value / page_bytes);
    }
    std::size_t locked_count() const { return static_cast<std::size_t>(std::ranges::count(locked_, true)); }

private:
    vm::PageEntry entry(PhysicalAddress table, std::uint64_t index) const {
        std::uint64_t raw = 0;
        std::memcpy(&raw, view_.at(table) + index % 512 * sizeof(raw), sizeof(raw));
        return vm::PageEntry::from_raw(raw);
    }
    bool is_read_only(PhysicalAddress page) const {
        const VirtualAddress address = user_layout::physical_view + page.value;
        vm::PageEntry found = root_entry_;
        for (const std::uint64_t shift : {30, 21, 12}) {
            found = entry(found.address(), address.value >> shift);
            if (!found.present() || found.large()) return false;
        }
        return !found.writable();
    }
    void protect(std::uint64_t page, int protection) const {
        if (mprotect(view_.at({page * page_bytes}), page_bytes, protection) != 0)
            throw std::runtime_error("mprotect failed");
    }

    vm::PhysicalView view_;
    vm::PageEntry root_entry_;
    std::vector<bool> locked_;
};

} // namespace tessera::tests
