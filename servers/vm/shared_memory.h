// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Memory that several processes have: an object with frames of its own, which regions refer to. It lives as long as a
// region does, in any space.
//
// An object is charged as a whole to the process that made it, and to nobody else: what others map costs them page
// tables alone. When its maker dies first, the charge goes with it.

#include "kernel/abi/endpoint.h"
#include "servers/vm/budget.h"
#include "servers/vm/frame_allocator.h"
#include "servers/vm/page_table.h"
#include "servers/vm/slab.h"

namespace tessera::vm {

using SharedIdentity = Scalar<struct SharedIdentityTag, std::uint64_t>; // never used twice; 0: none

// The tables of an object's frames (the policy of PageTable).
class SharedTables {
public:
    explicit SharedTables(FrameAllocator& frames) : frames_(frames) {}

    PageEntry read(PhysicalAddress table, std::size_t index) const;
    void write(PhysicalAddress table, std::size_t index, PageEntry entry);
    std::size_t next_used(PhysicalAddress table, std::size_t from, std::size_t end) const {
        return next_used_entry(frames_.view().at(table), from, end);
    }
    Result<PhysicalAddress> make_table() { return frames_.allocate_cleared(FrameUse::page_table); }
    void free_table(PhysicalAddress table) { frames_.release(table); } // no processor ever used it
    void count_entry(PhysicalAddress table) { frames_.retain(table); }
    std::uint32_t uncount_entry(PhysicalAddress table) {
        frames_.release(table);
        return entries_of(table);
    }
    std::uint32_t entries_of(PhysicalAddress table) const { return frames_.references(table) - 1; }

private:
    FrameAllocator& frames_;
};

class SharedObject {
public:
    SharedObject(FrameAllocator& frames, SharedIdentity identity, std::uint32_t pages, Endpoint maker)
        : identity_(identity),
          pages_(pages),
          maker_(maker),
          frames_(frames),
          tables_(frames),
          table_(tables_) {}
    ~SharedObject();
    SharedObject(const SharedObject&) = delete;
    SharedObject& operator=(const SharedObject&) = delete;

    // Comes first. out_of_memory.
    Completion create() { return table_.create(); }

    SharedIdentity identity() const { return identity_; }
    std::uint32_t pages() const { return pages_; }
    Endpoint maker() const { return maker_; }
    std::uint32_t regions() const { return regions_; } // that refer to it
    bool charged_to(const Budget& budget) const { return charged_ == &budget; }
    std::uint32_t resident_pages() const { return table_.pages_in_use(); }
    const PageTable<SharedTables>& table() const { return table_; }

    // The frame at an offset in bytes, with one more reference for the caller; zeroed when nobody used it before.
    // out_of_memory.
    Result<PhysicalAddress> frame_at(std::uint64_t offset);

    template <class Visitor> void for_each_frame(Visitor&& visitor) const {
        table_.for_each({0}, {pages_ * page_bytes}, [&](VirtualAddress, PageEntry entry) { visitor(entry.address()); });
    }

private:
    friend class SharedObjects;

    SharedIdentity identity_;
    std::uint32_t pages_;
    Endpoint maker_;
    Budget* charged_ = nullptr; // nullptr: it is gone
    SharedObject* next_ = nullptr;
    std::uint32_t regions_ = 0;
    FrameAllocator& frames_;
    SharedTables tables_;
    PageTable<SharedTables> table_;
};

// All of them.
class SharedObjects {
public:
    SharedObjects(FrameAllocator& frames, SlabPages& pages) : frames_(frames), slab_(pages, "shared objects") {}
    SharedObjects(const SharedObjects&) = delete;
    SharedObjects& operator=(const SharedObjects&) = delete;

    // An object that no region refers to yet; `release` ends it if that stays so. out_of_memory.
    Result<SharedObject*> make(std::uint32_t pages, Endpoint maker, Budget& charged);

    // A region more, or less: without the last one the object is gone.
    void retain(SharedObject& object) {
        slab_.use(object, [](SharedObject& retained) { ++retained.regions_; });
    }
    void release(SharedObject& object);

    // Nobody is charged any more for what this budget was charged for.
    void forget(const Budget& budget);

    const SlabCore& records() const { return slab_.core(); }
    std::uint32_t count() const { return static_cast<std::uint32_t>(slab_.objects()); }
    template <class Visitor> void for_each(Visitor&& visitor) const {
        for (const SharedObject* object = first_; object != nullptr; object = object->next_) visitor(*object);
    }

private:
    void destroy(SharedObject& object);

    FrameAllocator& frames_;
    Slab<SharedObject> slab_;
    SharedObject* first_ = nullptr;
    SharedIdentity last_;
};

} // namespace tessera::vm
