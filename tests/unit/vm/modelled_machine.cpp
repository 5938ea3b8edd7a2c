// SPDX-License-Identifier: BSD-3-Clause
// Processes that come and go, in VM and in the model.

#include "tests/unit/vm/modelled_machine.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include <algorithm>
#include <format>

namespace tessera::tests {

using namespace protocol::vm;

namespace {

// By one fork, in all regions of a kind.
constexpr unsigned copied_at_once(RegionKind kind) {
    return kind == RegionKind::data ? 4 : kind == RegionKind::stack ? 2 : 0;
}

constexpr std::uint64_t machine_pages = 2048;
constexpr Endpoint first_process{5, 1}; // of those that the model does not know yet
constexpr ServiceId manager_service{9};
constexpr std::string_view program_name = "program";

ArchiveBytes programs() {
    ArchiveBytes files;
    files.add(program_name, elf_bytes({.entry = 0x401100}, usual_segments()), {.alignment = page_bytes});
    files.add("text", "no program");
    return files;
}

Privileges privileges_of(ModelledMachine::Kind kind) {
    Privileges privileges{.supervisor = manager_service};
    if (kind == ModelledMachine::Kind::user) return privileges;
    privileges.service = ModelledMachine::driver_service;
    privileges.memory_range_count = 1;
    privileges.memory_ranges[0] = {{0xfeb0'0000}, page_bytes};
    return privileges;
}

} // namespace

bool Verdict::judge(std::string_view operation, Status seen) const {
    const bool right = errors_.empty() ? seen == Status::ok : errors_.contains(seen);
    if (right) return seen == Status::ok;
    std::string expected = errors_.empty() ? "ok" : "";
    for (const Status error : errors_) expected += std::format("{} ", status_name(error));
    throw Disagreement(std::format("{} answers {} where {} is right", operation, status_name(seen), expected));
}

ModelledMachine::ModelledMachine() : machine_(machine_pages, programs()) {
    machine_.kernel.add(endpoints::rs, {.service = service_ids::rs});
    machine_.kernel.add(manager, {.service = manager_service});
    learn_program();
    first_counts_ = machine_.frames.counts();
}

std::vector<Endpoint> ModelledMachine::processes() const {
    std::vector<Endpoint> processes;
    for (const auto& [process, model] : models_) processes.push_back(process);
    return processes;
}

void ModelledMachine::add_empty(Endpoint process, std::uint32_t budget) {
    auto space = std::make_unique<SpaceModel>(process, budget);
    space->put({user_layout::clock, user_layout::clock + page_bytes},
               {.kind = RegionKind::information, .access = PageAccess::read});
    space->enter(user_layout::clock, std::make_shared<ModelFrame>(0, 0, machine_.boot_info.clock_page));
    models_[process] = std::move(space);
}

Status ModelledMachine::load(Endpoint process) {
    return call<ImageLoad>({.process = process, .program = Name(program_name)}, endpoints::rs).status();
}

// What loading the program makes of a space is tested elsewhere (image_loader.cpp); here it is the start of the model.
void ModelledMachine::learn_program() {
    machine_.kernel.add(first_process, privileges_of(Kind::user));
    (void)call<SpaceCreate>({.process = first_process, .budget_pages = 200}, endpoints::rs);
    if (load(first_process) != Status::ok) throw Disagreement("no program");
    const vm::Space& space = real(first_process);
    program_ = std::make_unique<SpaceModel>(first_process, 200);
    program_->heap_start = space.heap_end();
    for (const vm::Region* region = space.regions().first(); region != nullptr; region = vm::RegionMap::next(*region))
        if (region->type->kind() != RegionKind::information)
            program_->put(region->range, {.kind = region->type->kind(), .access = region->access});
    space.table().for_each({0}, user_layout::clock, [&](VirtualAddress page, vm::PageEntry entry) {
        auto frame = std::make_shared<ModelFrame>(0, 0, entry.address());
        std::memcpy(&frame->first_word, machine_.memory_of(first_process, page), sizeof(frame->first_word));
        std::memcpy(&frame->last_word, machine_.memory_of(first_process, page + page_bytes - 8), 8);
        program_->enter(page, frame);
        from_archive_[page] = machine_.frames.use_of(entry.address()) == vm::FrameUse::archive;
    });
    (void)call<SpaceDestroy>({first_process}, endpoints::rs);
    machine_.kernel.processes.erase(first_process);
}

// With the tables for the page that every space has, which are there already.
std::uint64_t ModelledMachine::cost_of_program() const {
    SpaceModel space(first_process, 0);
    space.put({user_layout::clock, user_layout::clock + page_bytes}, {.kind = RegionKind::information});
    space.enter(user_layout::clock, std::make_shared<ModelFrame>());
    space.start(*program_, from_archive_);
    return space.used();
}

void ModelledMachine::spawn(Endpoint process, std::uint32_t budget, Kind kind) {
    machine_.kernel.add(process, privileges_of(kind));
    kinds_[process] = kind;
    Verdict().judge("space_create",
                    call<SpaceCreate>({.process = process, .budget_pages = budget}, endpoints::rs).status());
    add_empty(process, budget);
    Verdict verdict;
    verdict.error_if(cost_of_program() > budget, Status::out_of_memory);
    const bool loaded = verdict.judge("image_load", load(process));
    if (loaded) space_of(process).start(*program_, from_archive_);
    compare(process);
    if (!loaded) exit(process); // it never runs
}

void ModelledMachine::fork(Endpoint parent, Endpoint child) {
    const bool known = has(child);
    if (!known) machine_.kernel.add(child, privileges_of(Kind::user));
    const SpaceModel& space = space_of(parent);
    Verdict verdict;
    verdict.error_if(known, Status::exists);
    verdict.error_if(space.any_of({{0}, user_layout::end}, [](const ModelPage& page) { return page.refuses_fork(); }),
                     Status::invalid);
    const Status status = call<SpaceFork>({.parent = parent, .child = child}, manager).status();
    if (verdict.judge("space_fork", status)) {
        kinds_[child] = Kind::user;
        add_empty(child, static_cast<std::uint32_t>(space.budget()));
        space_of(child).copy(space);
        part_copied_at_once(parent, child);
        compare(child);
    } else if (!known) {
        machine_.kernel.processes.erase(child);
    }
    compare(parent);
}

// A fork copies a few pages at once, of data and stack and of those alone that the parent could write to.
void ModelledMachine::part_copied_at_once(Endpoint parent, Endpoint child) {
    std::map<RegionKind, unsigned> copied;
    for (const auto& [address, page] : space_of(parent).pages()) {
        if (page.frame == nullptr || !page.copied_on_write()) continue;
        const auto entry = machine_.translate(parent, address);
        if (!entry.present() || machine_.translate(child, address).address() == entry.address()) continue;
        if (!entry.writable() || ++copied[page.kind] > copied_at_once(page.kind))
            throw Disagreement(std::format("page {:#x} was copied by fork", address.value));
        space_of(child).part(address);
    }
}

void ModelledMachine::execute(Endpoint process, std::string_view program) {
    const SpaceModel& space = space_of(process);
    const bool keeps = space.any_of({{0}, user_layout::end}, [](const ModelPage& page) { return page.refuses_fork(); });
    Verdict verdict;
    verdict.error_if(program == "text", Status::not_executable);
    verdict.error_if(program != "text" && program != program_name, Status::no_entry);
    verdict.error_if(keeps, Status::invalid);
    verdict.error_if(cost_of_program() > space.budget(), Status::out_of_memory);
    const Status status = call<SpaceExec>({.process = process, .program = Name(program)}, manager).status();
    if (verdict.judge("space_exec", status)) {
        translations_.forget(process);
        add_empty(process, static_cast<std::uint32_t>(space.budget())); // in the place of the old one
        space_of(process).start(*program_, from_archive_);
    }
    compare(process);
}

void ModelledMachine::exit(Endpoint process) {
    machine_.kernel.running[process] = true;
    const bool bound = real(process).bound();
    Verdict verdict;
    verdict.error_if(bound, Status::busy);
    const bool destroyed = verdict.judge("space_destroy", call<SpaceDestroy>({process}, manager).status());
    machine_.kernel.running.clear();
    machine_.kernel.processes.erase(process);
    if (!destroyed) Verdict().judge("space_destroy", call<SpaceDestroy>({process}, manager).status());
    for (const ModelRun& run : space_of(process).runs())
        if (run.kind == RegionKind::contiguous)
            left_buffers_.emplace(run.range.pages(), space_of(process).find(run.range.start)->frame->place);
    models_.erase(process);
    translations_.forget(process);
}

void ModelledMachine::end_all() {
    for (const Endpoint process : processes()) exit(process);
    take_back_buffers();
    compare_all();
    const vm::MemoryCounts counts = machine_.frames.counts();
    const bool nothing_left = counts.process == first_counts_.process && counts.preserved == first_counts_.preserved &&
                              counts.page_tables == first_counts_.page_tables &&
                              counts.free + counts.vm_own == first_counts_.free + first_counts_.vm_own;
    const bool no_objects =
        machine_.spaces.count() == 0 && machine_.shared.count() == 0 && machine_.regions.objects() == 0;
    if (!nothing_left || !no_objects) throw Disagreement("something is left of processes that are gone");
}

// Blocks that wait for their driver to come back.
void ModelledMachine::take_back_buffers() {
    spawn(first_process, 200, Kind::driver);
    while (!left_buffers_.empty()) {
        const std::uint64_t bytes = left_buffers_.begin()->first * page_bytes;
        const std::size_t before = left_buffers_.size();
        map_contiguous(first_process, {.bytes = bytes});
        if (left_buffers_.size() == before) throw Disagreement("a buffer does not come back");
        const SpaceModel& space = space_of(first_process);
        for (const ModelRun& run : space.runs())
            if (run.kind == RegionKind::contiguous) unmap(first_process, run.range.start, run.range.bytes());
    }
    exit(first_process);
}

} // namespace tessera::tests
