// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What an address space should be, as plainly as it can be said: a map of pages. Whoever shares a frame in the model
// holds the same object; how many do is how many entries VM has for the frame.

#include "kernel/abi/endpoint.h"
#include "servers/protocols/vm.h"
#include "servers/vm/page_entry.h"
#include "servers/vm/region.h"
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace tessera::tests {

using protocol::vm::RegionKind;
using vm::AddressRange;
using vm::PageAccess;

// A frame: of its contents the first and the last word.
struct ModelFrame {
    std::uint64_t first_word = 0;
    std::uint64_t last_word = 0;
    PhysicalAddress place; // where VM has it; 0: not seen yet
};
using ModelFramePointer = std::shared_ptr<ModelFrame>;

// Pages that a process is charged for beside those that it has: the shared memory that it made.
struct ModelAccount {
    std::uint64_t pages = 0;
};

// What the pages of one mapping have in common: shared memory, or a buffer for a device.
struct ModelObject {
    Endpoint maker;
    std::vector<ModelFramePointer> frames{}; // of shared memory, by page; null: nobody touched it yet
    std::shared_ptr<ModelAccount> account{}; // of its maker
    std::uint64_t identity = 0;              // as VM says it; 0: not asked yet
    ModelObject(Endpoint made_by) : maker(made_by) {}
    ModelObject(Endpoint made_by, std::uint64_t pages, std::shared_ptr<ModelAccount> charged);
    ~ModelObject();
    ModelObject(const ModelObject&) = delete;
    ModelObject& operator=(const ModelObject&) = delete;
};

struct ModelPage {
    RegionKind kind = RegionKind::anonymous;
    PageAccess access = PageAccess::none;
    std::optional<PageAccess> most{}; // what `protect` may make of it; without: anything
    std::shared_ptr<ModelObject> object{};
    std::uint64_t index = 0; // of the page in the object
    ModelFramePointer frame{};

    bool copied_on_write() const;
    bool charged() const { return kind != RegionKind::shared && kind != RegionKind::information; }
    bool fixed() const { return kind == RegionKind::information; }
    bool protectable() const { return !fixed() && kind != RegionKind::contiguous; }
    bool refuses_fork() const { return kind == RegionKind::contiguous; }
    bool follows(const ModelPage& lower) const; // in one region
};

// A region, as it follows from pages.
struct ModelRun {
    AddressRange range;
    RegionKind kind;
    PageAccess access;
    bool operator==(const ModelRun&) const = default;
};

class SpaceModel {
public:
    SpaceModel(Endpoint owner, std::uint64_t budget) : owner_(owner), budget_(budget) {}

    Endpoint owner() const { return owner_; }
    std::uint64_t budget() const { return budget_; }
    std::uint64_t used() const { return charged_ + tables() + account_->pages; } // of the budget
    std::uint64_t left() const { return budget_ - used(); }
    std::uint64_t charged_pages() const { return charged_; }
    std::uint64_t tables() const { return 1 + large_pages_.size() + gigabytes_.size(); }
    const std::shared_ptr<ModelAccount>& account() const { return account_; }

    const std::map<VirtualAddress, ModelPage>& pages() const { return pages_; }
    const ModelPage* find(VirtualAddress address) const;
    template <class Predicate> bool any_of(AddressRange range, Predicate&& predicate) const {
        for (auto it = pages_.lower_bound(range.start); it != pages_.end() && it->first < range.end; ++it)
            if (predicate(it->second)) return true;
        return false;
    }
    bool free(AddressRange range) const {
        return !any_of(range, [](const ModelPage&) { return true; });
    }
    bool filled(AddressRange range) const;
    std::optional<AddressRange> gap(std::uint64_t pages, AddressRange window) const; // the lowest
    std::vector<ModelRun> runs() const;
    std::optional<AddressRange> run_at(VirtualAddress address) const;

    // `first` is the first page of the range, those behind it have the next indices. Nothing was there.
    void put(AddressRange range, const ModelPage& first);
    void remove(AddressRange range);
    void protect(AddressRange range, PageAccess access);
    // Gives a page without a frame this one.
    void enter(VirtualAddress page, ModelFramePointer frame);
    // Pages that it costs to give every page of a range a frame: the frames, and tables that are not there yet.
    std::uint64_t cost(AddressRange range) const;
    // ok, bad_address, out_of_memory: what a process sees that accesses the page.
    Status touch(VirtualAddress address, vm::Access access);

    // From the page that every space has on: becomes what a child of the parent has.
    void copy(const SpaceModel& parent);
    // The page has a copy of its frame, alone.
    void part(VirtualAddress page);
    // Becomes what a process has that starts the program. Frames of the boot archive are those of the
    // program.
    void start(const SpaceModel& program, const std::map<VirtualAddress, bool>& from_archive);

    VirtualAddress heap_start;
    VirtualAddress heap_end;

private:
    using PageMap = std::map<VirtualAddress, ModelPage>;

    void count_out(VirtualAddress address, const ModelPage& page);
    PageMap::const_iterator run_end(PageMap::const_iterator first) const;

    Endpoint owner_;
    std::uint64_t budget_;
    std::shared_ptr<ModelAccount> account_ = std::make_shared<ModelAccount>();
    PageMap pages_;
    std::uint64_t charged_ = 0;                     // pages with a frame that count
    std::map<std::uint64_t, unsigned> large_pages_; // 2 MiB with a page in use, and how many
    std::map<std::uint64_t, unsigned> gigabytes_;
};

} // namespace tessera::tests
