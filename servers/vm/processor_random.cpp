// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/processor_random.h"
#include <cpuid.h>
#include <cstring>

namespace tessera::vm {
namespace {

constexpr unsigned attempts = 10; // RDRAND can be out of numbers for a moment (SDM vol. 1, 7.3.17.1)

bool find_instruction() {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_RDRND) != 0;
}

std::uint64_t from_instruction() {
    for (unsigned i = 0; i < attempts; ++i) {
        std::uint64_t value = 0;
        bool valid = false;
        asm volatile("rdrand %0" : "=r"(value), "=@ccc"(valid));
        if (valid) return value;
    }
    return 0;
}

// The finalizer of SplitMix64: every bit of the input changes every bit of the output with probability one half.
// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

} // namespace

ProcessorRandom::ProcessorRandom() : has_instruction_(find_instruction()), state_(__builtin_readcyclecounter()) {}

std::uint64_t ProcessorRandom::next() {
    state_ = mixed(state_ + __builtin_readcyclecounter());
    return has_instruction_ ? state_ ^ from_instruction() : state_;
}

RandomSeed ProcessorRandom::seed() {
    const std::array words{next(), next()};
    RandomSeed seed;
    static_assert(sizeof(words) == sizeof(seed));
    std::memcpy(seed.data(), words.data(), sizeof(seed));
    return seed;
}

} // namespace tessera::vm
