// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The part of the VM protocol by which VM is asked whether it is sound, and is made unsound by tests.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::vm {

// How often and how closely VM checks itself: `vm_sanity=LEVEL` on the boot command line.
enum class SanityLevel : std::uint32_t {
    none = 0,      // on demand
    top = 1,       // a check of everything now and then, between requests
    functions = 2, // and its slabs are read-only and freed objects poisoned
    detail = 3,    // and the check of everything after every request
};

// What a page of RAM is used for.
enum class PageUse : std::uint32_t {
    none = 0,
    free = 1,
    kernel = 2,
    boot_archive = 3,
    vm_image = 4, // all that the boot stage made of VM
    frame_records = 5,
    check_table = 6, // what the check itself writes its notes to
    slab = 7,
    vm_page_table = 8, // of VM's own space, made since boot
    root_entries = 9,
    page_table = 10,
    process_page = 11,
    contiguous = 12,  // of a driver
    left_behind = 13, // contiguous memory of a dead driver
};
inline constexpr std::size_t page_use_count = 14;

enum class ProblemKind : std::uint32_t {
    none = 0,
    used_twice = 1,       // a page has two uses that do not go together
    used_and_free = 2,    // a page in use is in the list of free ones
    leaked = 3,           // a page is neither in use nor free
    not_memory = 4,       // a page in use is not RAM that VM may use
    wrong_references = 5, // a page's count of references is not that of its uses
    wrong_use = 6,        // a page's record says another use
    wrong_count = 7,      // a sum is not that of what was counted
    wrong_region = 8,     // regions overlap, are out of order or not of whole pages
    wrong_entry = 9,      // a page table's entry is not what its region says
    damaged_slab = 10,    // the head of a slab's page, or an object written to after its release
    leaked_object = 11,   // a slab has more objects than there are users of them
};
inline constexpr std::size_t problem_kind_count = 12;

// Compares every use of every page of RAM with every other, and all books with what is there. Nothing else is served
// until it is done. At level `top` and above a problem stops the system; here it is told of.
struct Check {
    static constexpr std::string_view name = "check";
    static constexpr Repeat repeat = Repeat::idempotent;
    using Request = Nothing;
    struct Reply {
        std::uint64_t pages;  // of RAM that were compared
        std::uint64_t checks; // since boot, this one included
        SanityLevel level;
        std::uint32_t problems;
        ProblemKind kind;   // of the first problem, as all that follows
        PageUse first_use;  // none: not about a page
        PageUse second_use; // none: there is one
        Endpoint owner;     // the process of whose memory it is, or none
        // Physical; of the owner's for wrong_region and wrong_entry, VM's own for damaged_slab.
        std::uint64_t address;
    };
    static constexpr std::array errors{Status::out_of_memory};
};

// How many objects a slab has: those of `index` 0, 1, ...
struct SlabStatistics {
    static constexpr std::string_view name = "slab_statistics";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint32_t index;
    };
    struct Reply {
        std::array<char, 24> name; // NUL-padded
        std::uint32_t object_bytes;
        std::uint32_t objects;
        std::uint32_t pages;
        std::uint32_t objects_per_page;
    };
    static constexpr std::array errors{Status::no_entry};
};

// What a test can break in VM.
enum class Bug : std::uint32_t {
    stray_write = 0,     // to an object of a slab that is not unlocked
    double_free = 1,     // of an object
    use_after_free = 2,  // an object is written to after its release
    page_used_twice = 3, // a process gets a page that is a page table
    page_used_and_free = 4,
    wrong_references = 5,
    leaked_page = 6,
    leaked_object = 7,
};

// Breaks VM, to show that it notices. Only with a level of `functions` or above, and only for callers that may inject
// faults into processes (the kernel call process_inject).
struct SeedBug {
    static constexpr std::string_view name = "seed_bug";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        VirtualAddress page; // of the caller: mapped and resident for page_used_and_free and wrong_references, mapped
                             // and not resident for page_used_twice
        Bug bug;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::not_permitted, Status::invalid, Status::out_of_memory};
};

} // namespace tessera::protocol::vm
