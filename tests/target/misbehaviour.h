// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tests/target/assistant_protocol.h"

namespace tessera::target {

// What misbehaviours read and write, where that is known: the address of the page fault to expect.
inline constexpr std::uint64_t kernel_address = 0xffff'ffff'8000'0000;
inline constexpr std::uint64_t non_canonical_address = 0x0000'8000'0000'0000;
inline constexpr std::uint64_t unmapped_address = 0x2f'0000'0000; // in the range of anonymous memory, far up

[[noreturn]] void misbehave(Misbehaviour how);

} // namespace tessera::target
