// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/symbols.h"
#include "kernel/arch/x86_64/memory_map.h"

// Sorted by address; names are NUL-terminated. Empty in the first link.
extern "C" {
struct TesseraSymbol {
    std::uint32_t address; // minus kernel_base
    std::uint32_t name;    // offset in the names
};
extern const TesseraSymbol tessera_symbols[];
extern const std::uint64_t tessera_symbol_count;
extern const char tessera_symbol_names[];
}

namespace tessera::kernel::x86_64 {

Symbol find_symbol(std::uint64_t address) {
    const std::uint64_t wanted = address - kernel_base;
    std::uint64_t low = 0, high = tessera_symbol_count;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (tessera_symbols[middle].address <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || address < kernel_base) return {"?", 0};
    const TesseraSymbol& symbol = tessera_symbols[low - 1];
    return {tessera_symbol_names + symbol.name, wanted - symbol.address};
}

} // namespace tessera::kernel::x86_64
