// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Memory, as VM keeps it.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <string>

namespace tessera::netmgmt {

struct MemoryStatistics {
    ByteNumber page_bytes;
    PageCount total_pages;
    PageCount free_pages;
    PageCount largest_free_block_pages;
    PageCount kernel_pages;
    PageCount archive_pages;
    PageCount page_table_pages;
    PageCount vm_own_pages;
    PageCount process_pages;
    PageCount preserved_pages; ///< kept for a service across its restart
    Counter faults;
    Counter faults_resolved;
    Counter faults_refused;
    std::uint32_t spaces = 0; ///< address spaces
};

struct ProcessMemory {
    EndpointNumber endpoint;
    std::string name;
    ByteCount virtual_bytes;
    PageCount resident_pages;
    PageCount page_table_pages;
    std::uint32_t regions = 0;
    PageCount budget_pages;
};

enum class RegionKind : std::uint8_t {
    code,
    data,
    stack,
    anonymous,
    device,
    contiguous,
    preserved,
    grants,
    information,
    shared,
    heap,
};

struct RegionEntry {
    Address start;
    ByteCount bytes;
    bool read = false;
    bool write = false;
    bool execute = false;
    RegionKind kind = RegionKind::anonymous;
    PageCount resident_pages;
};

/// How closely VM checks itself of its own accord.
enum class SanityLevel : std::uint8_t { none, top, functions, detail };

/// What a page of RAM is used for.
enum class PageUse : std::uint8_t {
    none,
    free,
    kernel,
    boot_archive,
    vm_image,
    frame_records,
    check_table,
    slab,
    vm_page_table,
    root_entries,
    page_table,
    process_page,
    contiguous,
    left_behind,
};

enum class MemoryProblem : std::uint8_t {
    none,
    used_twice,
    used_and_free,
    leaked,
    not_memory,
    wrong_references,
    wrong_use,
    wrong_count,
    wrong_region,
    wrong_entry,
    damaged_slab,
    leaked_object,
};

struct MemoryCheck {
    SanityLevel level = SanityLevel::none;
    PageCount pages; ///< that were compared
    Counter checks;  ///< since boot
    std::uint32_t problems = 0;
    MemoryProblem first_problem = MemoryProblem::none; ///< as all that follows
    Address address;
    PageUse first_use = PageUse::none;
    PageUse second_use = PageUse::none;
    EndpointNumber owner; ///< 0: no process
};

/// Objects of one type that VM keeps.
struct SlabEntry {
    std::string name;
    std::uint32_t object_bytes = 0;
    std::uint32_t objects = 0;
    std::uint32_t objects_per_page = 0;
    PageCount pages;
};

class MemoryView {
public:
    virtual SystemResult<MemoryStatistics> statistics() = 0;
    /// ESRCH when no process has this endpoint.
    virtual SystemResult<ProcessMemory> process(EndpointNumber endpoint) = 0;
    /// Positions are start addresses. ESRCH when no process has this endpoint.
    virtual ListResult regions(EndpointNumber endpoint, Range range, Visitor<RegionEntry>& visitor) = 0;
    /// ENOMEM when there is no memory for the notes of the check.
    virtual SystemResult<MemoryCheck> check() = 0;
    virtual ListResult slabs(Range range, Visitor<SlabEntry>& visitor) = 0;

protected:
    ~MemoryView() = default;
};

} // namespace tessera::netmgmt
