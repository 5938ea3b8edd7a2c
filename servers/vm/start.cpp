// SPDX-License-Identifier: BSD-3-Clause
// What a program without a C library brings itself: the functions that compilers and libc++'s headers call, and the
// ends of the road.

#include "kernel/abi/counters.h"
#include "servers/runtime/log.h"
#include "servers/vm/fatal.h"
#include "servers/vm/text_line.h"
#include <__verbose_abort>
#include <cstddef>
#include <cstdint>

namespace tessera::vm {

void fatal(std::string_view what) {
    TextLine line;
    line << "fatal: " << what;
    log_line(LogLevel::error, line.view());
    __builtin_trap(); // the kernel reports where
}

} // namespace tessera::vm

extern "C" {

// String instructions: nothing here that the compiler could turn into a call of the same function.
void* memcpy(void* to, const void* from, std::size_t bytes) {
    void* place = to;
    std::size_t words = bytes / sizeof(std::uint64_t);
    std::size_t rest = bytes % sizeof(std::uint64_t);
    asm volatile("rep movsq" : "+D"(place), "+S"(from), "+c"(words) : : "memory");
    asm volatile("rep movsb" : "+D"(place), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

void* memset(void* to, int value, std::size_t bytes) {
    void* place = to;
    std::size_t words = bytes / sizeof(std::uint64_t);
    std::size_t rest = bytes % sizeof(std::uint64_t);
    const std::uint64_t pattern = static_cast<std::uint8_t>(value) * 0x0101010101010101ull;
    asm volatile("rep stosq" : "+D"(place), "+c"(words) : "a"(pattern) : "memory");
    asm volatile("rep stosb" : "+D"(place), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
    if (static_cast<std::byte*>(to) - static_cast<const std::byte*>(from) >= static_cast<std::ptrdiff_t>(bytes) ||
        to <= from)
        return memcpy(to, from, bytes);
    void* place = static_cast<std::byte*>(to) + bytes - 1;
    const void* source = static_cast<const std::byte*>(from) + bytes - 1;
    asm volatile("std\n\trep movsb\n\tcld" : "+D"(place), "+S"(source), "+c"(bytes) : : "memory");
    return to;
}

int memcmp(const void* left, const void* right, std::size_t bytes) {
    const auto* a = static_cast<const std::uint8_t*>(left);
    const auto* b = static_cast<const std::uint8_t*>(right);
    for (std::size_t i = 0; i < bytes; ++i)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

void* memchr(const void* bytes, int wanted, std::size_t count) {
    const auto* place = static_cast<const std::uint8_t*>(bytes);
    for (std::size_t i = 0; i < count; ++i)
        if (place[i] == static_cast<std::uint8_t>(wanted)) return const_cast<std::uint8_t*>(place + i);
    return nullptr;
}

std::size_t strlen(const char* text) {
    std::size_t length = 0;
    while (text[length] != '\0') ++length;
    return length;
}

// A pure virtual function was called.
void __cxa_pure_virtual() { tessera::vm::fatal("pure virtual function"); }

} // extern "C"

// What libc++'s checks call when one fails.
[[noreturn]] void std::__libcpp_verbose_abort(const char* format, ...) { tessera::vm::fatal(format); }
