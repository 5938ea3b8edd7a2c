// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the program does when a test executes it: argv[1] names it.

#include <span>

namespace tessera::target::posix {

// The exit status.
int executed(std::span<char*> arguments);

} // namespace tessera::target::posix
