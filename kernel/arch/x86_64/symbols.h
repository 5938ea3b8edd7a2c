// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kernel's own function names, put into the image by a second link (make-symbols.py).

#include <cstdint>
#include <string_view>

namespace tessera::kernel::x86_64 {

struct Symbol {
    std::string_view name;
    std::uint64_t offset = 0; // of the address in the function
};

// The function that contains an address; "?" for none.
Symbol find_symbol(std::uint64_t address);

} // namespace tessera::kernel::x86_64
