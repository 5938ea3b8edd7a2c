// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Maps of granted memory: one process, the grantee, has the frames of another's private memory, the owner's, by a grant
// or a chain of them. A frame that is mapped so belongs to nobody else: before it is mapped the owner gets a copy of
// what it had in common with others, and a fork copies it at once.
//
// A map depends on its owner and on the grantor of each grant on its way. Each of these spaces has a list of the maps
// that depend on it, and the grantee's region refers to its map; there is no table of all. Who maps memory that he has
// by a map himself depends on that map as well: with it, his ends.
//
// When a map ends, both sides keep the contents of that moment: their pages are copied on the next write, and at once
// only where others go on having the frame by maps of their own.

#include "kernel/abi/grant.h"
#include "servers/vm/frame_allocator.h"
#include "servers/vm/region.h"
#include <array>

namespace tessera::vm {

class Space;
struct GrantedMap;

// In the list of a space.
struct MapDependence {
    GrantedMap* map = nullptr;
    Space* space = nullptr;
    MapDependence* previous = nullptr;
    MapDependence* next = nullptr;
};

struct GrantedMap {
    Space* grantee = nullptr;
    AddressRange range; // in the grantee
    Space* owner = nullptr;
    VirtualAddress source; // in the owner
    std::array<GrantHop, indirect_hop_limit + 1> hops{};
    std::uint32_t hop_count = 0;
    std::array<MapDependence, indirect_hop_limit + 2> dependences{}; // on the hops' grantors, then on the owner
    GrantedMap* next_ending = nullptr;
    enum class State : std::uint8_t { lasting, ending } state = State::lasting;

    AddressRange source_range() const { return {source, source + range.bytes()}; }
};

class GrantedMaps {
public:
    GrantedMaps(FrameAllocator& frames, SlabPages& pages) : frames_(frames), slab_(pages, "granted maps") {}
    GrantedMaps(const GrantedMaps&) = delete;
    GrantedMaps& operator=(const GrantedMaps&) = delete;

    struct Request {
        Space& grantee;
        AddressRange range; // in the grantee; whatever is there is replaced
        PageAccess access;
        const GrantPath& path;
        std::span<Space* const> grantors; // of the path's hops, in their order
        Space& owner;
    };
    // out_of_memory: what was in the range may be gone; access_denied: memory that cannot be mapped, or not so;
    // invalid: memory in the range that cannot be replaced.
    Completion make(const Request& request);

    // Whether a map that cannot end for want of memory is an error, or others of the same pages end with it, after
    // which no copy is needed.
    enum class Shortage : std::uint8_t { fails, ends_others };

    // How many ended. out_of_memory: none.
    Result<std::uint32_t> end(GrantedMap& map);
    // Those that depend on a grant of the space's.
    Result<std::uint32_t> end_of_grant(Space& grantor, GrantId grant);
    // Those of its memory in a range.
    Result<std::uint32_t> end_of_owner(Space& owner, AddressRange range);
    // Those of its memory, and those that it has itself, in a range.
    Completion end_in(Space& space, AddressRange range);
    // All that have to do with a space that goes.
    void end_all(Space& space);

    const SlabCore& records() const { return slab_.core(); }
    std::uint32_t count() const { return static_cast<std::uint32_t>(slab_.objects()); }

private:
    // Those that end together.
    struct Ending {
        GrantedMap* first = nullptr;
        GrantedMap* last = nullptr;
        std::uint32_t count = 0;
    };

    Completion check_source(const Request& request) const;
    void abandon(GrantedMap& map);
    void depend(GrantedMap& map, std::size_t index, Space& space);
    void forget_dependences(GrantedMap& map);

    void add(Ending& ending, GrantedMap& map);
    template <class Wanted> void add_dependents(Ending& ending, Space& space, Wanted&& wanted);
    void add_owned(Ending& ending, Space& owner, AddressRange range);
    void add_had(Ending& ending, const Space& grantee, AddressRange range);
    void add_nested(Ending& ending);
    void add_siblings(Ending& ending);
    std::uint64_t withdraw(const Ending& ending);
    void reinstate(const Ending& ending);
    Result<std::uint32_t> finish(Ending& ending, Shortage shortage);
    void forget(const Ending& ending);

    FrameAllocator& frames_;
    Slab<GrantedMap> slab_;
};

} // namespace tessera::vm
