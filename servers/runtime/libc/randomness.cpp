// SPDX-License-Identifier: BSD-3-Clause
// getrandom: the processor's generator where there is one. Without it, numbers that differ from boot to boot but that
// an attacker could guess: nothing secret may come from them.

#include "servers/runtime/libc/linux.h"
#include <algorithm>
#include <cpuid.h>
#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace tessera::libc {

namespace {

bool processor_has_generator() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_RDRND) != 0;
}

// Intel's manual allows for a generator that runs dry and asks for ten attempts (volume 1, 7.3.17.1).
[[gnu::target("rdrnd")]] bool generate(std::uint64_t& word) {
    for (int attempt = 0; attempt < 10; ++attempt) {
        unsigned long long value = 0;
        if (_rdrand64_step(&value) != 0) {
            word = value;
            return true;
        }
    }
    return false;
}

// The finalizer of SplitMix64 over the time-stamp counter.
std::uint64_t mix_counter() {
    static constinit std::uint64_t state = 0;
    state += __rdtsc() | 1;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
}

} // namespace

LinuxResult fill_random(const Arguments& arguments) {
    auto* target = reinterpret_cast<unsigned char*>(arguments.a);
    auto remaining = static_cast<std::size_t>(arguments.b);
    const bool generator = processor_has_generator();
    while (remaining != 0) {
        std::uint64_t word = 0;
        if (!generator || !generate(word)) word = mix_counter();
        const std::size_t part = std::min(remaining, sizeof(word));
        std::memcpy(target, &word, part);
        target += part;
        remaining -= part;
    }
    return arguments.b;
}

} // namespace tessera::libc
