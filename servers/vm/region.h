// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A region: a range of an address space whose pages are of one kind and have one access. The regions of a space are a
// tree by address and never overlap.

#include "kernel/abi/result.h"
#include "servers/vm/avl_tree.h"
#include "servers/vm/page_entry.h"
#include "servers/vm/slab.h"
#include <optional>

namespace tessera::vm {

class MemoryType;
class SharedObject;
struct GrantedMap;

// Whole pages from `start` up to, not including, `end`.
struct AddressRange {
    VirtualAddress start;
    VirtualAddress end;

    constexpr bool empty() const { return start >= end; }
    constexpr std::uint64_t bytes() const { return end - start; }
    constexpr std::uint64_t pages() const { return bytes() / page_bytes; }
    constexpr bool contains(VirtualAddress address) const { return address >= start && address < end; }
    constexpr bool contains(AddressRange other) const { return other.start >= start && other.end <= end; }
    constexpr bool operator==(const AddressRange&) const = default;
};

// Whether bytes at an address are pages below `limit`; their range, the bytes rounded up.
constexpr std::optional<AddressRange> page_range(VirtualAddress start, std::uint64_t bytes, VirtualAddress limit) {
    if (!start.page_aligned() || start > limit || bytes > limit - start) return std::nullopt;
    return AddressRange{start, (start + bytes).page_up()};
}

struct Region {
    AddressRange range;
    PageAccess access = PageAccess::none;
    std::optional<PageAccess> most{}; // that its process may give itself, when somebody else mapped it there
    const MemoryType* type = nullptr;
    PhysicalAddress backing;        // of the first page, for types whose frames are one piece
    SharedObject* object = nullptr; // whose memory it is, for shared memory
    std::uint64_t offset = 0;       // in bytes, of the first page in the object
    GrantedMap* map = nullptr;      // by which it is here, for granted memory
    AvlHook<Region> hook{};

    VirtualAddress key() const { return range.start; }
    PhysicalAddress backing_of(VirtualAddress address) const { return backing + (address - range.start); }
    std::uint64_t offset_of(VirtualAddress address) const { return offset + (address - range.start); }
};

inline constexpr std::string_view region_slab_name = "regions";

class RegionMap {
    using Tree = AvlTree<Region, Slab<Region>::Editor>;

public:
    static constexpr std::size_t region_limit = 4096; // of one space: bounds what a process can make VM hold

    explicit RegionMap(Slab<Region>& slab) : slab_(slab), regions_({slab}) {}
    ~RegionMap() { clear(); }
    RegionMap(const RegionMap&) = delete;
    RegionMap& operator=(const RegionMap&) = delete;

    // nullptr when there is none.
    Region* first() const { return regions_.first(); }
    Region* containing(VirtualAddress address) const;
    Region* ending_above(VirtualAddress address) const; // the first
    static Region* next(const Region& region) { return Tree::next(region); }

    bool free(AddressRange range) const;
    // The lowest free range of `bytes` in `window`.
    std::optional<AddressRange> gap(std::uint64_t bytes, AddressRange window) const;

    // Adds a region where none is, or makes its neighbour longer. out_of_memory.
    Completion insert(const Region& region);

    // The two halves of `insert`: what can fail, and what cannot. A region that was made is put or discarded.
    Result<Region*> make(const Region& region);
    void put(Region& region);
    void discard(Region& region);

    // Makes sure that no region goes over either end of the range: after it, regions are inside or outside.
    // out_of_memory: at most cut in two where it makes no difference.
    Completion split_around(AddressRange range);

    // Forgets the regions in a range that was split around.
    void erase(AddressRange range);

    // Changes the access of the regions in a range that was split around.
    void set_access(AddressRange range, PageAccess access);

    // Gives a region another type, with which it is no map any more.
    void make_private(Region& region, const MemoryType& type);

    // Joins regions that meet at either end of the range and are alike.
    void join_around(AddressRange range);

    // Adds a region where none is and that no neighbour is to be joined with, as in a copy of a map. out_of_memory.
    Completion add_unjoined(const Region& region);

    void clear();
    std::size_t size() const { return regions_.size(); }
    std::uint64_t bytes() const { return bytes_; }

private:
    bool extend(const Region& region);
    Completion split_at(VirtualAddress address);
    void join_at(VirtualAddress address);
    void link(Region& region);
    void drop(Region& region);

    Slab<Region>& slab_;
    Tree regions_;
    std::uint64_t bytes_ = 0;
};

} // namespace tessera::vm
