// SPDX-License-Identifier: BSD-3-Clause
// What the compiler and the headers of libc++ expect of every freestanding program.

#include "kernel/arch/x86_64/panic.h"
#include <__verbose_abort>
#include <cstddef>
#include <cstdint>

// A failed hardening check of libc++.
[[noreturn]] void std::__libcpp_verbose_abort(const char* format, ...) {
    tessera::kernel::x86_64::panic(format, nullptr);
}

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t bytes) {
    void* const result = to;
    std::size_t words = bytes / 8;
    std::size_t rest = bytes % 8;
    asm volatile("rep movsq\n movq %3, %%rcx\n rep movsb" : "+D"(to), "+S"(from), "+c"(words) : "r"(rest) : "memory");
    return result;
}

void* memset(void* to, int value, std::size_t bytes) {
    void* const result = to;
    const std::uint64_t pattern = static_cast<std::uint8_t>(value) * 0x0101'0101'0101'0101ull;
    std::size_t words = bytes / 8;
    std::size_t rest = bytes % 8;
    asm volatile("rep stosq\n movq %3, %%rcx\n rep stosb" : "+D"(to), "+c"(words) : "a"(pattern), "r"(rest) : "memory");
    return result;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
    auto* target = static_cast<char*>(to);
    const auto* source = static_cast<const char*>(from);
    if (target <= source || target >= source + bytes) return memcpy(to, from, bytes);
    for (std::size_t i = bytes; i > 0; --i) reinterpret_cast<volatile char*>(target)[i - 1] = source[i - 1];
    return to;
}

int memcmp(const void* left, const void* right, std::size_t bytes) {
    const auto* a = static_cast<const volatile std::uint8_t*>(left);
    const auto* b = static_cast<const volatile std::uint8_t*>(right);
    for (std::size_t i = 0; i < bytes; ++i)
        if (a[i] != b[i]) return a[i] - b[i];
    return 0;
}

std::size_t strlen(const char* text) {
    std::size_t length = 0;
    while (reinterpret_cast<const volatile char*>(text)[length] != 0) ++length;
    return length;
}

void* memchr(const void* memory, int value, std::size_t bytes) {
    const auto* cursor = static_cast<const volatile std::uint8_t*>(memory);
    for (std::size_t i = 0; i < bytes; ++i)
        if (cursor[i] == static_cast<std::uint8_t>(value)) return const_cast<std::uint8_t*>(cursor + i);
    return nullptr;
}
}
