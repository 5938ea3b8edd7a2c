// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The programs of the boot archive by name. The archive is walked once; a program's checksum is looked at when the
// program is first asked for.

#include "kernel/abi/boot_info.h"
#include "kernel/abi/process.h"
#include "kernel/abi/result.h"
#include "servers/vm/physical_view.h"
#include <array>
#include <span>

namespace tessera::vm {

struct Program {
    std::span<const std::byte> file; // in VM's view
    PhysicalAddress base;            // of its first byte
};

class Programs {
public:
    static constexpr std::size_t limit = 256;

    // fatal when the archive is damaged or has more files.
    Programs(PhysicalView view, const BootInfo& boot_info);

    // no_entry; damaged: its checksum is wrong.
    Result<Program> find(const Name& name);

private:
    enum class Intact : std::uint8_t { unknown, yes, no };

    struct Entry {
        Name name;
        std::span<const std::byte> file;
        std::uint32_t checksum = 0;
        Intact intact = Intact::unknown;
    };

    PhysicalView view_;
    std::array<Entry, limit> entries_{};
    std::size_t count_ = 0;
};

} // namespace tessera::vm
