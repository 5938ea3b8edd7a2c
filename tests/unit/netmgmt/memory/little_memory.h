// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Memory that runs out. Replaces operator new and delete of the whole program.

#include <cstddef>
#include <cstdint>

namespace tessera::netmgmt::test {

/// While it lives, operator new gives no more than so many bytes; what is deleted meanwhile can be had again.
class LittleMemory {
public:
    explicit LittleMemory(std::size_t bytes) { left_ = bytes; }
    ~LittleMemory() { left_ = unlimited; }
    LittleMemory(const LittleMemory&) = delete;
    LittleMemory& operator=(const LittleMemory&) = delete;

    [[nodiscard]] static void* take(std::size_t bytes) noexcept;
    static void give_back(void* memory) noexcept;

private:
    static constexpr std::size_t unlimited = SIZE_MAX;
    inline static std::size_t left_ = unlimited;
};

} // namespace tessera::netmgmt::test
