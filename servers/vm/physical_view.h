// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// VM's window on all physical memory: RAM at a fixed distance in its own address space. In unit tests the window is an
// array. Addresses outside of RAM are not readable through it.

#include "kernel/abi/strong.h"
#include <cstddef>
#include <cstring>
#include <span>

namespace tessera::vm {

class PhysicalView {
public:
    explicit PhysicalView(std::byte* base) : base_(base) {}

    std::byte* at(PhysicalAddress address) const { return base_ + address.value; }
    std::span<std::byte> page(PhysicalAddress frame) const { return {at(frame), page_bytes}; }
    PhysicalAddress address_of(const std::byte* pointer) const { return {static_cast<std::uint64_t>(pointer - base_)}; }
    void copy_page(PhysicalAddress to, PhysicalAddress from) const { std::memcpy(at(to), at(from), page_bytes); }
    void clear_page(PhysicalAddress frame) const { std::memset(at(frame), 0, page_bytes); }

private:
    std::byte* base_;
};

} // namespace tessera::vm
