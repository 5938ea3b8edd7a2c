// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The address space of one process: its regions, and the page tables that follow from them. Regions say what may be
// where; the page tables say which frames are there now.
//
// Frames and tables that leave the page tables are freed after the processor forgot them: see `settle`.

#include "servers/vm/budget.h"
#include "servers/vm/frame_allocator.h"
#include "servers/vm/granted_maps.h"
#include "servers/vm/kernel_interface.h"
#include "servers/vm/memory_type.h"
#include "servers/vm/page_table.h"
#include "servers/vm/region.h"
#include "servers/vm/space_tables.h"

namespace tessera::vm {

// What all spaces share.
struct SpaceEnvironment {
    FrameAllocator& frames;
    KernelInterface& kernel;
    const MemoryTypes& types;
    Slab<Region>& regions;
    SharedObjects& shared;
    GrantedMaps& maps;
};

// What had to be done so that an access works: nothing; a new page; a copy of a page that others have too; writing was
// allowed to a page that nobody else has any more.
enum class Resolution : std::uint8_t { was_there, supplied, copied, made_writable };

// How many pages one fork has copied at once, by the kind of their memory.
class CopiesMade {
public:
    std::uint32_t& of(RegionKind kind) { return made_[static_cast<std::size_t>(kind)]; }

private:
    std::array<std::uint32_t, protocol::vm::region_kind_count> made_{};
};

class Space {
public:
    Space(const SpaceEnvironment& environment, Endpoint owner, std::uint32_t budget_pages);
    ~Space(); // frees all; the kernel does not use the space any more
    Space(const Space&) = delete;
    Space& operator=(const Space&) = delete;

    // Makes the top page table. Comes first. out_of_memory.
    Completion create() { return table_.create(); }

    Endpoint owner() const { return owner_; }
    PageEntry root_entry() const { return PageEntry::table(table_.top()); }

    // Lets the process run in the space from now on, at `entry` or where it is; after `unbind` it does not.
    Completion bind(VirtualAddress entry, VirtualAddress stack);
    Completion attach_process();
    Completion unbind();
    bool bound() const { return bound_; }

    // Adds a region where none is. out_of_memory.
    Completion map(const Region& region);
    // The same, over whatever was there. invalid and out_of_memory: as of `unmap`.
    Completion map_over(const Region& region);
    // invalid: memory that its process cannot unmap; out_of_memory: no change, but maps of granted memory that the
    // range has to do with may have ended.
    Completion unmap(AddressRange range);
    // out_of_memory: a hole in the range, or no memory: no change. access_denied: not memory whose access changes.
    Completion protect(AddressRange range, PageAccess access);
    // Removes a region of any type, whole.
    void remove(const Region& region);

    // Makes an access to an address possible. bad_address: no region allows it. out_of_memory.
    Result<Resolution> resolve(VirtualAddress address, Access access);
    // Supplies the missing pages of a range that lies in one region, whatever its access. out_of_memory: some of them.
    Completion populate(AddressRange range);
    // Enters a frame, with its one reference, for a page that has none, in the region there. out_of_memory: the
    // reference is gone too.
    Completion attach(VirtualAddress page, PhysicalAddress frame);
    // Enters the frames that another space has in a region into the same region of this one. out_of_memory: some.
    Completion share(const Space& other, const Region& region);

    // Maps of granted memory, for GrantedMaps alone (space_grants.cpp). Enters the owner's frames. out_of_memory: some.
    Completion enter_granted(const GrantedMap& map);
    // The halves of the end of a map: the grantee's pages are copied now or on the next write; the owner's are copied
    // on the next write, where it does not go on lending them; the region is a private one.
    void separate(AddressRange range);
    void protect_common(AddressRange range);
    void keep_as_private(AddressRange range);

    // A large copy from another space (space_grants.cpp): pages are shared until one of the two writes, where that can
    // be. The spaces differ. bad_address, out_of_memory: a part is copied.
    Completion copy_from(Space& source, VirtualAddress from, VirtualAddress to, std::uint64_t bytes);

    // Copies bytes out of the space. bad_address: not readable; out_of_memory.
    Completion read(VirtualAddress from, std::span<std::byte> to);
    // Becomes a copy of another space, in which nothing was mapped but what every space has: private pages are had by
    // both until one of them writes. out_of_memory: a part; invalid: it has memory that cannot be had twice.
    Completion copy(Space& parent);

    // The heap begins behind the program, empty.
    void start_heap(VirtualAddress start);
    VirtualAddress heap_end() const { return heap_end_; }
    // invalid: below its start; out_of_memory: something is there, the budget, or no memory: no change.
    Completion move_heap_end(VirtualAddress end);

    const RegionMap& regions() const { return regions_; }
    const MemoryTypes& types() const { return environment_.types; }
    const Budget& budget() const { return budget_; }
    Budget& budget() { return budget_; }
    std::uint32_t resident_pages() const { return resident_pages_; }
    std::uint32_t table_pages() const { return tables_.count(); }
    std::uint32_t resident_pages(AddressRange range) const;
    const PageTable<SpaceTables>& table() const { return table_; }

private:
    friend class GrantedMaps; // its list

    // What is special about the memory in a range.
    struct Contents {
        bool fixed = false;   // memory that its process cannot unmap
        bool granted = false; // a map of granted memory
    };

    PageEntry entry_for(const Region& region, PhysicalAddress frame, PageAccess access) const;
    Completion enter(const Region& region, VirtualAddress page, PhysicalAddress frame);
    Result<Resolution> make_writable(const Region& region, PageTable<SpaceTables>::Place place);
    Completion copy_pages(Space& parent, const Region& region, CopiesMade& made);
    Result<PageEntry> copy_of(const Region& region, PageEntry entry);
    static Result<PageEntry> another(const Region& region, PageEntry entry);
    Completion add_entry(PageTable<SpaceTables>::Filler& filler, const Region& region, VirtualAddress page,
                         PageEntry entry);
    Completion supply(const Region& region, VirtualAddress page);
    void remove_pages(const Region& region);
    void remove_pages(AddressRange range);
    Contents contents(AddressRange range) const;
    Completion prepare_removal(AddressRange range);
    Result<PhysicalAddress> own_frame(VirtualAddress page);
    Result<std::uint64_t> share_pages(Space& source, VirtualAddress from, VirtualAddress to, std::uint64_t most);
    Completion copy_bytes(Space& source, VirtualAddress from, VirtualAddress to, std::uint64_t bytes);
    void settle();

    SpaceEnvironment environment_;
    Endpoint owner_;
    Budget budget_;
    CondemnedFrames condemned_;
    SpaceTables tables_;
    PageTable<SpaceTables> table_;
    RegionMap regions_;
    std::uint32_t resident_pages_ = 0; // those that the process is charged for
    VirtualAddress heap_start_;        // 0: there is none
    VirtualAddress heap_end_;
    MapDependence* dependents_ = nullptr; // maps that end with the space, or earlier
    bool has_granted_ = false;            // or had: memory by a map
    bool bound_ = false;
    bool stale_ = false; // entries were removed that the processor may know
};

} // namespace tessera::vm
