// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Whether this processor has AVX and the kernel switched it on (SDM volume 1, 14.3).

#include <cpuid.h>
#include <cstdint>

namespace tessera::target {

inline bool has_wide_vectors() {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
    constexpr std::uint32_t needed = 1u << 27 | 1u << 28; // OSXSAVE, AVX
    if ((ecx & needed) != needed) return false;
    constexpr std::uint32_t sse_and_avx = 6;
    asm volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return (eax & sse_and_avx) == sse_and_avx;
}

} // namespace tessera::target
