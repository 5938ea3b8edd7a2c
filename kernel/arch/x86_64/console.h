// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The early console: COM1 and the text screen. Used until the console server prints, and for panics.

#include "kernel/abi/boot_info.h"
#include <string_view>

namespace tessera::kernel::x86_64 {

void initialise_serial();
void initialise_screen(const TextScreen& screen); // only VGA text cells are used
void screen_write(std::string_view text);

} // namespace tessera::kernel::x86_64
