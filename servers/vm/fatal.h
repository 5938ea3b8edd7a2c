// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What VM does when it finds itself wrong: it stops, before it hands the same memory to two owners. The program
// provides it (start.cpp); unit tests provide one that throws.

#include <string_view>

namespace tessera::vm {

[[noreturn]] void fatal(std::string_view what);

} // namespace tessera::vm
