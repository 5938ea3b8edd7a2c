// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory server: address spaces, anonymous memory, device memory; and what it tells of them.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::vm {

enum class Protection : std::uint32_t { none = 0, read = 1, write = 2, execute = 4 };
constexpr Protection operator|(Protection a, Protection b) {
    return static_cast<Protection>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool includes(Protection have, Protection need) {
    return (static_cast<std::uint32_t>(have) & static_cast<std::uint32_t>(need)) == static_cast<std::uint32_t>(need);
}

enum class RegionKind : std::uint32_t {
    code = 0,
    data = 1,
    stack = 2,
    anonymous = 3,
    device = 4,
    contiguous = 5,
    preserved = 6,
    archive = 7,
    information = 8,
};

// Makes the address space of a stopped process. RS only. `inherit_from` (or none) is the dead or stopped predecessor
// whose preserved and contiguous memory the new process gets, frames and contents, when the sizes agree.
struct SpaceCreate {
    static constexpr std::string_view name = "space_create";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint process;
        Endpoint inherit_from;
        std::uint32_t budget_pages;     // most pages the process may hold, page tables included
        std::uint32_t preserved_pages;  // at user_layout::preserved
        std::uint32_t contiguous_pages; // physically contiguous below 4 GiB, at user_layout::contiguous
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::dead_endpoint, Status::exists,
                                       Status::out_of_memory};
};

// Loads a static ELF64 image, read through a grant of the caller, builds the first stack with `arguments`
// (NUL-separated strings, also by grant) and binds the space: the process can be started. RS only. Nothing is kept of a
// failed load.
struct ImageLoad {
    static constexpr std::string_view name = "image_load";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint process;
        GrantId image;
        std::uint64_t image_bytes;
        GrantId arguments;            // or no grant
        std::uint32_t argument_bytes; // at most 4096
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::dead_endpoint, Status::not_executable,
                                       Status::out_of_memory, Status::bad_address,   Status::too_big};
};

// Frees the space of a dead or stopped process, all but memory that a successor inherited. Callers: RS, PM.
struct SpaceDestroy {
    static constexpr std::string_view name = "space_destroy";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::no_such, Status::busy};
};

enum class MapPlacement : std::uint32_t { anywhere = 0, exactly = 1 };

// Anonymous zeroed memory in the caller; pages come on demand. A write-and-execute protection is refused.
struct Map {
    static constexpr std::string_view name = "map";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress address; // page aligned when `exactly`; replaces what was mapped there
        std::uint64_t bytes;    // rounded up to pages
        Protection protection;
        MapPlacement placement;
    };
    struct Reply {
        VirtualAddress address;
    };
    static constexpr std::array errors{Status::invalid, Status::out_of_memory, Status::access_denied};
};

// Removes every page of a page-aligned range; holes are fine.
struct Unmap {
    static constexpr std::string_view name = "unmap";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::invalid, Status::out_of_memory};
};

struct Protect {
    static constexpr std::string_view name = "protect";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress address;
        std::uint64_t bytes;
        Protection protection;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::invalid, Status::access_denied, Status::out_of_memory};
};

// Maps device registers uncached, read-write. The range must be in the caller's privileges.
struct DeviceMap {
    static constexpr std::string_view name = "device_map";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        PhysicalAddress base;
        std::uint64_t bytes;
    };
    struct Reply {
        VirtualAddress address;
    };
    static constexpr std::array errors{Status::not_permitted, Status::invalid, Status::out_of_memory};
};

// Where the caller's preserved and contiguous memory is.
struct OwnMemory {
    static constexpr std::string_view name = "own_memory";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        VirtualAddress preserved; // 0 bytes when there is none
        std::uint64_t preserved_bytes;
        VirtualAddress contiguous;
        std::uint64_t contiguous_bytes;
        PhysicalAddress contiguous_physical;
        std::uint64_t inherited; // 1 when a predecessor left it, 0 when it is new and zero
    };
    static constexpr std::array<Status, 0> errors{};
};

// Maps the boot archive read-only. RS only.
struct ArchiveMap {
    static constexpr std::string_view name = "archive_map";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        VirtualAddress address;
        std::uint64_t bytes;
    };
    static constexpr std::array errors{Status::not_permitted};
};

struct MemoryStatistics {
    static constexpr std::string_view name = "memory_statistics";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply { // all in pages but the last
        std::uint32_t total;
        std::uint32_t free;
        std::uint32_t largest_free_block;
        std::uint32_t kernel;
        std::uint32_t archive;
        std::uint32_t page_tables;
        std::uint32_t vm_own;
        std::uint32_t process;
        std::uint32_t preserved; // preserved and contiguous memory
        std::uint32_t spaces;    // count of address spaces
    };
    static constexpr std::array<Status, 0> errors{};
};

struct FaultStatistics {
    static constexpr std::string_view name = "fault_statistics";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        std::uint64_t faults;   // messages of kind fault
        std::uint64_t requests; // memory requests of the kernel
        std::uint64_t resolved; // of both
        std::uint64_t refused;  // of both
    };
    static constexpr std::array<Status, 0> errors{};
};

struct SpaceStatistics {
    static constexpr std::string_view name = "space_statistics";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
    };
    struct Reply {
        std::uint64_t virtual_bytes;
        std::uint32_t resident_pages;
        std::uint32_t page_table_pages;
        std::uint32_t regions;
        std::uint32_t budget_pages;
    };
    static constexpr std::array errors{Status::no_such};
};

// The first region of a process that ends above `from`.
struct RegionNext {
    static constexpr std::string_view name = "region_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint process;
        VirtualAddress from;
    };
    struct Reply {
        VirtualAddress start;
        std::uint64_t bytes;
        Protection protection;
        RegionKind kind;
        std::uint32_t resident_pages;
    };
    static constexpr std::array errors{Status::no_such, Status::no_entry};
};

using VmProtocol = Protocol<ProtocolId::vm, SpaceCreate, ImageLoad, SpaceDestroy, Map, Unmap, Protect, DeviceMap,
                            OwnMemory, ArchiveMap, MemoryStatistics, FaultStatistics, SpaceStatistics, RegionNext>;

} // namespace tessera::protocol::vm
