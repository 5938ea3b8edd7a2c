// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/vm/space_model.h"
#include "kernel/abi/user_layout.h"
#include <set>

namespace tessera::tests {
namespace {

std::uint64_t large_page_of(VirtualAddress address) { return address.value / large_page_bytes; }
std::uint64_t gigabyte_of(VirtualAddress address) { return address.value / user_layout::gib; }

void count_out_of(std::map<std::uint64_t, unsigned>& counts, std::uint64_t part) {
    const auto found = counts.find(part);
    if (--found->second == 0) counts.erase(found);
}

} // namespace

ModelObject::ModelObject(Endpoint made_by, std::uint64_t pages, std::shared_ptr<ModelAccount> charged)
    : maker(made_by),
      frames(pages),
      account(std::move(charged)) {
    account->pages += pages;
}

ModelObject::~ModelObject() {
    if (account) account->pages -= frames.size();
}

bool ModelPage::copied_on_write() const {
    return kind == RegionKind::code || kind == RegionKind::data || kind == RegionKind::stack ||
           kind == RegionKind::anonymous || kind == RegionKind::heap;
}

bool ModelPage::follows(const ModelPage& lower) const {
    if (kind != lower.kind || access != lower.access || most != lower.most || object != lower.object) return false;
    return object == nullptr || index == lower.index + 1;
}

const ModelPage* SpaceModel::find(VirtualAddress address) const {
    const auto found = pages_.find(address.page());
    return found == pages_.end() ? nullptr : &found->second;
}

bool SpaceModel::filled(AddressRange range) const {
    for (VirtualAddress page = range.start; page < range.end; page = page + page_bytes)
        if (!pages_.contains(page)) return false;
    return true;
}

std::optional<AddressRange> SpaceModel::gap(std::uint64_t pages, AddressRange window) const {
    VirtualAddress start = window.start;
    for (auto it = pages_.lower_bound(start); it != pages_.end() && it->first < window.end; ++it) {
        if (it->first - start >= pages * page_bytes) break;
        start = it->first + page_bytes;
    }
    if (start >= window.end || window.end - start < pages * page_bytes) return std::nullopt;
    return AddressRange{start, start + pages * page_bytes};
}

SpaceModel::PageMap::const_iterator SpaceModel::run_end(PageMap::const_iterator first) const {
    auto last = first;
    for (auto it = std::next(first); it != pages_.end(); last = it++)
        if (it->first != last->first + page_bytes || !it->second.follows(last->second)) break;
    return std::next(last);
}

std::vector<ModelRun> SpaceModel::runs() const {
    std::vector<ModelRun> runs;
    for (auto it = pages_.begin(); it != pages_.end();) {
        const auto end = run_end(it);
        runs.push_back({{it->first, std::prev(end)->first + page_bytes}, it->second.kind, it->second.access});
        it = end;
    }
    return runs;
}

std::optional<AddressRange> SpaceModel::run_at(VirtualAddress address) const {
    for (const ModelRun& run : runs())
        if (run.range.contains(address)) return run.range;
    return std::nullopt;
}

void SpaceModel::put(AddressRange range, const ModelPage& first) {
    ModelPage page = first;
    for (VirtualAddress at = range.start; at < range.end; at = at + page_bytes, ++page.index) pages_[at] = page;
}

void SpaceModel::count_out(VirtualAddress address, const ModelPage& page) {
    if (page.frame == nullptr) return;
    if (page.charged()) --charged_;
    count_out_of(large_pages_, large_page_of(address));
    count_out_of(gigabytes_, gigabyte_of(address));
}

void SpaceModel::remove(AddressRange range) {
    const auto first = pages_.lower_bound(range.start);
    const auto last = pages_.lower_bound(range.end);
    for (auto it = first; it != last; ++it) count_out(it->first, it->second);
    pages_.erase(first, last);
}

void SpaceModel::protect(AddressRange range, PageAccess access) {
    for (auto it = pages_.lower_bound(range.start); it != pages_.end() && it->first < range.end; ++it)
        it->second.access = access;
}

void SpaceModel::enter(VirtualAddress address, ModelFramePointer frame) {
    ModelPage& page = pages_.at(address);
    page.frame = std::move(frame);
    if (page.charged()) ++charged_;
    ++large_pages_[large_page_of(address)];
    ++gigabytes_[gigabyte_of(address)];
}

std::uint64_t SpaceModel::cost(AddressRange range) const {
    std::set<std::uint64_t> large_pages, gigabytes;
    for (VirtualAddress page = range.start; page < range.end; page = page + page_bytes) {
        if (!large_pages_.contains(large_page_of(page))) large_pages.insert(large_page_of(page));
        if (!gigabytes_.contains(gigabyte_of(page))) gigabytes.insert(gigabyte_of(page));
    }
    return range.pages() + large_pages.size() + gigabytes.size();
}

Status SpaceModel::touch(VirtualAddress address, vm::Access access) {
    const auto found = pages_.find(address.page());
    if (found == pages_.end() || !permits(found->second.access, access)) return Status::bad_address;
    ModelPage& page = found->second;
    if (page.frame != nullptr) {
        const bool copy = access == vm::Access::write && page.copied_on_write() && page.frame.use_count() > 1;
        if (copy) page.frame = std::make_shared<ModelFrame>(page.frame->first_word, page.frame->last_word);
        return Status::ok;
    }
    ModelFramePointer frame;
    if (page.object != nullptr) frame = page.object->frames.at(page.index);
    if (frame == nullptr) frame = std::make_shared<ModelFrame>();
    if (page.object != nullptr) page.object->frames[page.index] = frame; // it has it from now on, whatever comes
    const VirtualAddress start = address.page();
    if (cost({start, start + page_bytes}) - (page.charged() ? 0 : 1) > left()) return Status::out_of_memory;
    enter(address.page(), std::move(frame));
    return Status::ok;
}

void SpaceModel::copy(const SpaceModel& parent) {
    heap_start = parent.heap_start;
    heap_end = parent.heap_end;
    for (const auto& [address, page] : parent.pages_) {
        if (page.fixed()) continue;
        ModelPage& own = pages_[address] = page;
        own.frame = nullptr;
        if (page.frame != nullptr) enter(address, page.frame);
    }
}

void SpaceModel::part(VirtualAddress page) {
    ModelFramePointer& frame = pages_.at(page).frame;
    frame = std::make_shared<ModelFrame>(*frame);
    frame->place = {};
}

void SpaceModel::start(const SpaceModel& program, const std::map<VirtualAddress, bool>& from_archive) {
    heap_start = heap_end = program.heap_start;
    for (const auto& [address, page] : program.pages_) {
        ModelPage& own = pages_[address] = page;
        own.frame = nullptr;
        if (page.frame == nullptr) continue;
        const bool same = from_archive.at(address);
        enter(address, same ? page.frame : std::make_shared<ModelFrame>(page.frame->first_word, page.frame->last_word));
    }
}

} // namespace tessera::tests
