// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/memory/little_memory.h"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace tessera::netmgmt::test {

void* LittleMemory::take(std::size_t bytes) noexcept {
    void* const memory = bytes <= left_ ? std::malloc(bytes) : nullptr;
    if (memory != nullptr && left_ != unlimited) left_ -= std::min(left_, malloc_usable_size(memory));
    return memory;
}

void LittleMemory::give_back(void* memory) noexcept {
    if (memory != nullptr && left_ != unlimited) left_ += malloc_usable_size(memory);
    std::free(memory);
}

} // namespace tessera::netmgmt::test

using tessera::netmgmt::test::LittleMemory;

// All forms but the over-aligned, which nobody uses: AddressSanitizer wants what one of its own operators gave to come
// back through another.

void* operator new(std::size_t bytes) {
    void* const memory = LittleMemory::take(bytes);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void* operator new[](std::size_t bytes) { return operator new(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return LittleMemory::take(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return LittleMemory::take(bytes); }

void operator delete(void* memory) noexcept { LittleMemory::give_back(memory); }
void operator delete[](void* memory) noexcept { LittleMemory::give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { LittleMemory::give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { LittleMemory::give_back(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { LittleMemory::give_back(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { LittleMemory::give_back(memory); }
