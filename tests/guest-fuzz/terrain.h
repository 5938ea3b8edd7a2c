// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory at which random calls are aimed: far from everything else that the fuzzer has, so that a copy which goes
// too far meets a hole. It has pages of each kind, with holes between them.

#include "kernel/abi/strong.h"

namespace tessera::guest_fuzz {

class Terrain {
public:
    static constexpr VirtualAddress base{0x20'0000'0000}; // in the range of anonymous memory, far up
    static constexpr VirtualAddress writable = base + page_bytes;
    static constexpr std::uint64_t writable_bytes = 8 * page_bytes;
    static constexpr VirtualAddress read_only = base + 10 * page_bytes;
    static constexpr VirtualAddress untouched = base + 12 * page_bytes; // VM brings it when it is used
    static constexpr std::uint64_t untouched_bytes = 64 * page_bytes;
    static constexpr std::uint64_t bytes = 78 * page_bytes; // with a hole at the end

    Terrain() { renew(); }
    ~Terrain() { remove(); }
    Terrain(const Terrain&) = delete;
    Terrain& operator=(const Terrain&) = delete;

    // New pages everywhere: what was brought is given back.
    void renew();

private:
    void remove();
};

} // namespace tessera::guest_fuzz
