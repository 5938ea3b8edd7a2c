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

class MemoryView {
public:
    virtual SystemResult<MemoryStatistics> statistics() = 0;
    /// ESRCH when no process has this endpoint.
    virtual SystemResult<ProcessMemory> process(EndpointNumber endpoint) = 0;
    /// Positions are start addresses. ESRCH when no process has this endpoint.
    virtual ListResult regions(EndpointNumber endpoint, Range range, Visitor<RegionEntry>& visitor) = 0;

protected:
    ~MemoryView() = default;
};

} // namespace tessera::netmgmt
