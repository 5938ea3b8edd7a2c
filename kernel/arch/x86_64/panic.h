// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The end, told readably: why, registers, backtrace with symbols, the process that ran.

#include "kernel/arch/x86_64/entry.h"
#include <string_view>

namespace tessera::kernel::x86_64 {

// `frame`: the state inside the kernel that led here, or nullptr.
[[noreturn]] void panic(std::string_view reason, const KernelFrame* frame);

} // namespace tessera::kernel::x86_64
