// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Memory, as VM keeps it.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>
#include <vector>

namespace tessera::netmgmt {

/// What VM counts since boot.
struct MemoryEvents {
    Counter kernel_requests;
    Counter pages_supplied;
    Counter pages_copied;
    Counter pages_made_writable;
    Counter pages_there;
    Counter refused_no_region;
    Counter refused_access;
    Counter refused_no_memory;
    Counter refused_endless;
    Counter forks;
    Counter execs;
};

/// What address spaces cost the kernel.
struct AddressSpaceCosts {
    Counter loads;
    Counter loads_saved;
    Counter copies;
    ByteCount copied_bytes;
    Counter copy_faults;
};

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
    std::uint32_t shared_memories = 0;
    MemoryEvents events;
    AddressSpaceCosts kernel;
};

struct ProcessMemory {
    EndpointNumber endpoint;
    std::string name;
    ByteCount virtual_bytes;
    PageCount resident_pages; ///< that count against its budget
    PageCount unique_pages;
    PageCount shared_pages;
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
    mapped,
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
    PageCount shared_pages;
    std::optional<ObjectIdentity> shared_memory;
    ByteCount offset; ///< of the first page in the shared memory
};

enum class SharingReason : std::uint8_t { fork, image, shared_memory };

struct SharingProcess {
    EndpointNumber endpoint;
    std::string name;
};

/// Pages that the same processes have for the same reason, wherever they are.
struct SharingGroup {
    SharingReason reason = SharingReason::fork;
    std::vector<SharingProcess> processes;
    PageCount pages;
    std::optional<ObjectIdentity> shared_memory;
};

/// Pages in a row that the same processes have for the same reason.
struct SharingRun {
    SharingReason reason = SharingReason::fork;
    std::vector<SharingProcess> processes;
    std::optional<Address> start; ///< in each of the processes; shared memory is at another address in each
    PageCount pages;
    std::optional<ObjectIdentity> shared_memory;
};

struct FreeRange {
    Address base;
    PageCount pages;
};

struct FreeTotals {
    PageCount free_pages;
    PageCount largest_block_pages;
    std::uint32_t ranges = 0;
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
    virtual ListResult sharing_groups(Range range, Visitor<SharingGroup>& visitor) = 0;
    virtual ListResult sharing_runs(Range range, Visitor<SharingRun>& visitor) = 0;
    /// Positions are physical addresses. The totals are those of all ranges, whatever was visited.
    virtual SystemResult<FreeTotals> free_ranges(Range range, Visitor<FreeRange>& visitor) = 0;

protected:
    ~MemoryView() = default;
};

} // namespace tessera::netmgmt
