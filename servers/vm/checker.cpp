// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/checker.h"
#include "kernel/abi/user_layout.h"
#include "servers/vm/fatal.h"
#include "servers/vm/space_check.h"
#include "servers/vm/text_line.h"

namespace tessera::vm {

Checker::Checker(const CheckedParts& parts, FrameAllocator& frames, SlabPages& slabs, KernelInterface& kernel,
                 SanityLevel level)
    : parts_(parts),
      frames_(frames),
      slabs_(slabs),
      kernel_(kernel),
      level_(level) {
    if (level_ == SanityLevel::none) return;
    const auto table = make_table();
    if (!table.has_value()) fatal("no memory for the table of checks");
    kept_ = *table;
}

Result<CheckReport> Checker::check() {
    if (kept_.pages > 0) return check_with(kept_);
    const Table table = TESSERA_TRY(make_table());
    const CheckReport report = check_with(table);
    free_table(table);
    return report;
}

Result<Checker::Table> Checker::make_table() {
    const std::uint64_t pages = pages_for(OverlapCheck::pages_of(parts_.boot_info) * sizeof(PageUses::Note));
    const PhysicalAddress all{user_layout::physical_view_bytes};
    return Table{TESSERA_TRY(frames_.allocate_contiguous({.pages = pages, .limit = all}, FrameUse::vm_own)), pages};
}

void Checker::free_table(const Table& table) {
    for (std::uint64_t i = 0; i < table.pages; ++i) frames_.release(table.base + i * page_bytes);
}

CheckReport Checker::check_with(const Table& table) {
    ++checks_;
    const std::uint64_t pages = OverlapCheck::pages_of(parts_.boot_info);
    Findings findings(kernel_);
    PageUses uses({reinterpret_cast<PageUses::Note*>(frames_.view().at(table.base)), pages}, findings);
    for (std::uint64_t i = 0; i < table.pages; ++i) uses.add(table.base + i * page_bytes, PageUse::check_table, 1);
    OverlapCheck(parts_, uses, findings).run();
    parts_.spaces.for_each(
        [&](const ProcessMemory& memory) { SpaceCheck(memory.space, parts_.shared, frames_, findings).run(); });
    check_objects(findings);
    return {.pages = pages, .problems = findings.count(), .first = findings.first()};
}

// Slabs by themselves, and how many of their objects are alive.
void Checker::check_objects(Findings& findings) const {
    for (const SlabCore* slab = parts_.slabs.first_slab(); slab != nullptr; slab = slab->next_slab())
        slab->check(findings);
    std::size_t regions = 0;
    std::size_t regions_of_objects = 0;
    std::size_t maps = 0;
    std::size_t spaces = 0;
    std::size_t blocks = 0;
    parts_.spaces.for_each([&](const ProcessMemory& memory) {
        regions += memory.space.regions().size();
        for (const Region* region = memory.space.regions().first(); region != nullptr;
             region = RegionMap::next(*region)) {
            if (region->object != nullptr) ++regions_of_objects;
            if (region->map != nullptr) ++maps;
        }
        ++spaces;
    });
    parts_.spaces.contiguous_pool().for_each_left([&](const ContiguousBlock&) { ++blocks; });
    std::size_t shared = 0;
    std::size_t shared_regions = 0; // by the objects
    parts_.shared.for_each([&](const SharedObject& object) {
        ++shared;
        shared_regions += object.regions();
    });
    const auto compare = [&](const SlabCore& slab, std::size_t alive) {
        if (slab.objects() != alive)
            findings.add(
                {.kind = ProblemKind::leaked_object, .name = slab.name(), .expected = slab.objects(), .found = alive});
    };
    compare(parts_.regions, regions);
    compare(parts_.spaces.records(), spaces);
    compare(parts_.spaces.contiguous_pool().records(), blocks);
    compare(parts_.shared.records(), shared);
    compare(parts_.maps.records(), maps);
    if (shared_regions != regions_of_objects)
        findings.add({.kind = ProblemKind::wrong_count,
                      .name = "regions of shared objects",
                      .expected = shared_regions,
                      .found = regions_of_objects});
}

void Checker::check_now_and_then() {
    slabs_.close_all();
    if (++requests_ % interval_of(level_) != 0) return;
    const CheckReport report = check_with(kept_);
    if (report.problems == 0) return;
    TextLine line;
    line << "the check found " << report.problems << " problems, the first: " << name_of(report.first.kind);
    fatal(line.view());
}

} // namespace tessera::vm
