// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The memory server: address spaces, anonymous memory, device memory; and what it tells of them.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/process.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"
#include "servers/protocols/vm_check.h"
#include "servers/protocols/vm_grants.h"
#include "servers/protocols/vm_information.h"

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
    shared = 9,
    heap = 10,
    mapped = 11, // memory of another process, by a grant
};
inline constexpr std::size_t region_kind_count = static_cast<std::size_t>(RegionKind::mapped) + 1;

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

// The most bytes that the arguments and the environment of a program take, with their NULs.
inline constexpr std::uint32_t argument_bytes_limit = 4096;

// Loads a static ELF64 program of the boot archive, builds the first stack with `arguments` (NUL-terminated strings, by
// grant) and binds the space: the process can be started. RS only. Nothing is kept of a failed load.
struct ImageLoad {
    static constexpr std::string_view name = "image_load";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint process;
        Name program;
        GrantId arguments; // or no grant
        std::uint32_t argument_bytes;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::dead_endpoint,  Status::no_entry,
                                       Status::damaged,       Status::not_executable, Status::out_of_memory,
                                       Status::bad_address,   Status::too_big};
};

// Makes the space of `child`, which process_fork made of `parent`, a copy of the parent's: private memory is copied
// when one of the two writes to it, shared memory is shared. The child goes on. Caller: the supervisor of the parent.
struct SpaceFork {
    static constexpr std::string_view name = "space_fork";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint parent;
        Endpoint child;
    };
    using Reply = Nothing;
    // invalid: the parent has memory that nobody else may have.
    static constexpr std::array errors{Status::not_permitted, Status::no_such, Status::dead_endpoint,
                                       Status::exists,        Status::invalid, Status::out_of_memory};
};

// Gives a process another program, with arguments and environment that are strings in its present memory. It runs at
// once, unless it is stopped. After a failure the process is as it was. Caller: the supervisor of the process.
struct SpaceExec {
    static constexpr std::string_view name = "space_exec";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint process;
        Name program;
        VirtualAddress arguments; // NUL-terminated strings in a row: arguments, then environment
        std::uint32_t argument_bytes;
        std::uint32_t argument_count; // how many of the strings are arguments
    };
    using Reply = Nothing;
    // invalid: there are fewer strings; or the process has memory that nobody else may have.
    static constexpr std::array errors{Status::not_permitted,  Status::no_such,       Status::no_entry, Status::damaged,
                                       Status::not_executable, Status::out_of_memory, Status::invalid,  Status::too_big,
                                       Status::bad_address,    Status::dead_endpoint};
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

// Whether a child that the process forks gets the same memory or a copy of it. Shared memory can be given to others
// with `remap`; it is charged as a whole to who maps it first.
enum class MapSharing : std::uint32_t { own = 0, shared = 1 };

// Anonymous zeroed memory in the caller; pages come on demand. A write-and-execute protection is refused.
struct Map {
    static constexpr std::string_view name = "map";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress address; // page aligned when `exactly`; replaces what was mapped there
        std::uint64_t bytes;    // rounded up to pages
        Protection protection;
        MapPlacement placement;
        MapSharing sharing;
    };
    struct Reply {
        VirtualAddress address;
    };
    static constexpr std::array errors{Status::invalid, Status::out_of_memory, Status::access_denied};
};

// Moves the end of the caller's heap, up or down; 0 asks where it is. The heap begins behind the program.
struct Break {
    static constexpr std::string_view name = "break";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress end;
    };
    struct Reply {
        VirtualAddress end;
    };
    // out_of_memory: over the budget, or something is mapped there.
    static constexpr std::array errors{Status::invalid, Status::out_of_memory};
};

// Physically contiguous zeroed memory in the caller, for a device: below `limit` (0: 4 GiB), its first page at a
// multiple of `alignment` bytes (a power of two; 0: a page). For services that have a device. It is charged whole, and
// kept for the service when its process dies, as the device may still use it.
struct ContiguousMap {
    static constexpr std::string_view name = "contiguous_map";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        std::uint64_t bytes;
        PhysicalAddress limit;
        std::uint64_t alignment;
    };
    struct Reply {
        VirtualAddress address;
        PhysicalAddress physical;
    };
    static constexpr std::array errors{Status::not_permitted, Status::invalid, Status::out_of_memory};
};

// Maps shared memory of the caller a second time: in the caller, or in a process that waits for the caller's answer.
// The source range lies in one mapping of shared memory.
struct Remap {
    static constexpr std::string_view name = "remap";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint destination;
        VirtualAddress address; // where, when nothing is mapped there; 0: anywhere
        VirtualAddress source;
        std::uint64_t bytes; // rounded up to pages
        Protection protection;
    };
    struct Reply {
        VirtualAddress address;
    };
    // invalid: no page address, no bytes, or the address is taken; bad_address: the source is no shared memory.
    static constexpr std::array errors{Status::not_permitted, Status::no_such,       Status::invalid,
                                       Status::bad_address,   Status::out_of_memory, Status::access_denied};
};

// Removes a mapping of shared memory, whole, from the caller or a process that waits for the caller's answer. The
// memory is one that the caller made.
struct SharedUnmap {
    static constexpr std::string_view name = "shared_unmap";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Endpoint process;
        VirtualAddress address; // where the mapping begins
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::no_such, Status::bad_address};
};

// The shared memory at an address of the caller.
struct SharedStatus {
    static constexpr std::string_view name = "shared_status";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        VirtualAddress address;
    };
    struct Reply {
        std::uint64_t identity; // never used twice
        std::uint64_t offset;   // of the address, in bytes
        std::uint32_t mappings; // all there are of it, in all processes
        std::uint32_t pages;
    };
    static constexpr std::array errors{Status::bad_address};
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
    struct Reply { // all in pages but the last three
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
        std::uint32_t free_ranges;
        std::uint32_t shared_objects; // pieces of shared memory
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
        std::uint64_t identity; // of shared memory, or 0
        std::uint64_t offset;   // in bytes, of the region's first page in the shared memory
    };
    static constexpr std::array errors{Status::no_such, Status::no_entry};
};

using VmProtocol = Protocol<ProtocolId::vm, SpaceCreate, ImageLoad, SpaceFork, SpaceExec, SpaceDestroy, Map, Break,
                            Unmap, Protect, DeviceMap, ContiguousMap, Remap, SharedUnmap, SharedStatus, OwnMemory,
                            ArchiveMap, MemoryStatistics, EventCounts, SpaceStatistics, RegionNext, PagesCount,
                            SharedRunNext, SharedMemoryNext, FreeRangeNext, Check, SlabStatistics, SeedBug, Safemap,
                            Safeunmap, Saferevoke, SaferevokeRange, Safecopy, SafemapNext, SafemapHop>;

} // namespace tessera::protocol::vm
