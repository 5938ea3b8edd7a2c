// SPDX-License-Identifier: BSD-3-Clause
// Whether VM and the model are the same.

#include "kernel/abi/user_layout.h"
#include "tests/unit/vm/modelled_machine.h"
#include <format>

namespace tessera::tests {
namespace {

void same(std::uint64_t seen, std::uint64_t expected, std::string_view what) {
    if (seen != expected) throw Disagreement(std::format("{}: {} instead of {}", what, seen, expected));
}

std::vector<ModelRun> runs_of(const vm::Space& space) {
    std::vector<ModelRun> runs;
    for (const vm::Region* region = space.regions().first(); region != nullptr; region = vm::RegionMap::next(*region))
        runs.push_back({region->range, region->type->kind(), region->access});
    return runs;
}

bool access_fits(const ModelPage& page, vm::PageEntry entry) {
    if (entry.access() == page.access)
        return !entry.writable() || !page.copied_on_write() || page.frame.use_count() == 1;
    return page.copied_on_write() && page.access == PageAccess::read_write && entry.access() == PageAccess::read;
}

} // namespace

const vm::Space& ModelledMachine::real(Endpoint process) {
    const vm::Space* space = machine_.spaces.space(process);
    if (space == nullptr) throw Disagreement("a space is missing");
    return *space;
}

void ModelledMachine::compare_page(const SpaceModel& space, VirtualAddress address, vm::PageEntry entry) const {
    const ModelPage* page = space.find(address);
    const auto differs = [&](std::string_view what) {
        throw Disagreement(std::format("page {:#x} of {}: {}", address.value, space.owner().value(), what));
    };
    if (page == nullptr || page->frame == nullptr) return differs("there is one");
    ModelFrame& frame = *page->frame;
    if (frame.place == PhysicalAddress{}) frame.place = entry.address();
    if (frame.place != entry.address()) differs("another frame");
    if (!access_fits(*page, entry)) differs("another access");
    if (page->kind == RegionKind::information) return;
    if (machine_.frames.use_of(frame.place) != vm::FrameUse::archive)
        same(machine_.frames.references(frame.place), static_cast<std::uint64_t>(page->frame.use_count()),
             "references");
    const std::byte* contents = machine_.frames.view().at(frame.place);
    const auto word_at = [&](std::uint64_t offset) {
        std::uint64_t word = 0;
        std::memcpy(&word, contents + offset, sizeof(word));
        return word;
    };
    if (word_at(0) != frame.first_word || word_at(page_bytes - 8) != frame.last_word) differs("other contents");
}

void ModelledMachine::compare_space(Endpoint process) {
    const SpaceModel& space = space_of(process);
    const vm::Space& seen = real(process);
    if (runs_of(seen) != space.runs()) throw Disagreement("other regions");
    std::uint64_t resident = 0;
    seen.table().for_each({0}, user_layout::end, [&](VirtualAddress page, vm::PageEntry entry) {
        compare_page(space, page, entry);
        ++resident;
    });
    std::uint64_t expected = 0;
    for (const auto& [address, page] : space.pages()) expected += page.frame != nullptr ? 1 : 0;
    same(resident, expected, "pages in use");
    same(seen.resident_pages(), space.charged_pages(), "resident pages");
    same(seen.table_pages(), space.tables(), "tables");
    same(seen.budget().used(), space.used(), "the budget");
    same(seen.regions().bytes(), space.pages().size() * page_bytes, "bytes");
    same(seen.heap_end().value, space.heap_end.value, "the end of the heap");
    if (!translations_.right(process)) throw Disagreement("a translation is stale");
}

std::uint64_t ModelledMachine::mappings_of(const ModelObject& object) const {
    std::uint64_t mappings = 0;
    for (const auto& [process, space] : models_)
        for (const ModelRun& run : space->runs())
            if (space->find(run.range.start)->object.get() == &object) ++mappings;
    return mappings;
}

void ModelledMachine::compare_counts() {
    std::set<const ModelFrame*> process_frames;
    std::uint64_t preserved = 0;
    std::uint64_t tables = 0;
    for (const auto& [process, space] : models_) {
        tables += space->tables();
        for (const auto& [address, page] : space->pages()) {
            if (page.kind == RegionKind::contiguous) ++preserved;
            if (page.frame == nullptr || page.fixed() || page.kind == RegionKind::contiguous) continue;
            if (machine_.frames.use_of(page.frame->place) != vm::FrameUse::archive)
                process_frames.insert(page.frame.get());
        }
    }
    std::erase_if(shared_, [](const auto& object) { return object.expired(); });
    for (const auto& left : shared_) {
        const auto object = left.lock();
        std::size_t frames = 0;
        for (const ModelFramePointer& frame : object->frames)
            if (frame != nullptr && ++frames > 0) process_frames.insert(frame.get());
        tables += frames == 0 ? 1 : 3;
    }
    for (const auto& [pages, base] : left_buffers_) preserved += pages;
    const vm::MemoryCounts counts = machine_.frames.counts();
    same(counts.process, first_counts_.process + process_frames.size(), "frames of processes");
    same(counts.preserved, first_counts_.preserved + preserved, "frames for devices");
    same(counts.page_tables, first_counts_.page_tables + tables, "frames of tables");
    same(machine_.shared.count(), shared_.size(), "shared objects");
    if (!machine_.counts_are_exact()) throw Disagreement("the counts have another sum");
}

void ModelledMachine::compare_all() {
    for (const Endpoint process : processes()) compare_space(process);
    compare_counts();
    same(machine_.spaces.count(), models_.size(), "spaces");
    const auto report = machine_.checker.check();
    if (!report.has_value()) throw Disagreement("no memory for a check");
    same(report->problems, 0, "problems that VM finds in itself");
}

} // namespace tessera::tests
