// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/image_loader.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>

using namespace tessera;
using vm::Access;
using vm::PageAccess;

namespace {

constexpr Endpoint process{5, 1};

struct Fixture {
    explicit Fixture(std::uint32_t budget = 100, std::size_t alignment = page_bytes,
                     std::vector<std::byte> program = tests::elf_bytes({.entry = 0x401100}, tests::usual_segments()))
        : file(std::move(program)),
          machine(1024, tests::ArchiveBytes().add("program", file, {.alignment = alignment})) {
        machine.kernel.add(process);
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = budget}).has_value());
    }
    vm::Space& space() { return *machine.spaces.space(process); }
    Result<vm::LoadedProgram> load(const vm::ProgramArguments& arguments = {}) {
        return vm::ImageLoader(machine.environment)
            .load(space(), machine.programs.find(Name("program")).value(), arguments, {});
    }
    std::byte in_memory(std::uint64_t address) { return *machine.memory_of(process, {address}); }
    std::uint32_t references(std::uint64_t address) {
        return machine.frames.references(machine.translate(process, {address}).address());
    }

    std::vector<std::byte> file;
    tests::Machine machine;
};

} // namespace

TEST_CASE("a program is in memory as its file says, wherever the file lies") {
    Fixture f(100, GENERATE(std::size_t{4}, page_bytes));
    const auto program = f.load();
    REQUIRE(program.has_value());
    CHECK(program->entry == VirtualAddress{0x401100});
    CHECK(program->stack.value % 16 == 0);

    CHECK(f.machine.translate(process, {0x400000}).access() == PageAccess::read);
    CHECK(f.machine.translate(process, {0x401000}).access() == PageAccess::read_execute);
    CHECK(f.machine.translate(process, {0x403000}).access() == PageAccess::read_write);
    CHECK(f.machine.translate(process, program->stack).access() == PageAccess::read_write);

    CHECK(std::memcmp(f.machine.memory_of(process, {0x400000}), f.file.data(), 0x800) == 0);
    CHECK(std::memcmp(f.machine.memory_of(process, {0x401000}), f.file.data() + 0x1000, 0x1000) == 0);
    CHECK(std::memcmp(f.machine.memory_of(process, {0x402000}), f.file.data() + 0x2000, 0x234) == 0);
    CHECK(std::memcmp(f.machine.memory_of(process, {0x403010}), f.file.data() + 0x3010, 0x100) == 0);
    // Zero around them, whatever the file or the frame had there.
    for (const std::uint64_t address : {0x400800u, 0x400fffu, 0x402234u, 0x402fffu, 0x403000u, 0x40300fu, 0x403110u})
        CHECK(f.in_memory(address) == std::byte{0});
    // What is zero altogether comes on demand.
    CHECK(f.machine.translate(process, {0x404000}).empty());
    CHECK(*f.space().resolve({0x408fff - 0x1000}, Access::write) == vm::Resolution::supplied);
    CHECK(f.space().resolve({0x409000}, Access::read).status() == Status::bad_address);
}

TEST_CASE("the stack has its reserve and a hole below") {
    Fixture f;
    REQUIRE(f.load().has_value());
    const VirtualAddress lowest = user_layout::stack_end - user_layout::stack_bytes;
    CHECK(*f.space().resolve(lowest, Access::write) == vm::Resolution::supplied);
    CHECK(f.space().resolve(lowest - 1, Access::write).status() == Status::bad_address);
    CHECK(f.space().resolve(user_layout::stack_end, Access::read).status() == Status::bad_address);
    const auto* region = f.space().regions().containing(lowest);
    CHECK(region->type->kind() == vm::RegionKind::stack);
    CHECK(region->range.pages() == 256);
}

TEST_CASE("regions say what they hold") {
    Fixture f;
    REQUIRE(f.load().has_value());
    CHECK(f.space().regions().size() == 5);
    CHECK(f.space().regions().containing({0x400000})->type->kind() == vm::RegionKind::data);
    CHECK(f.space().regions().containing({0x401000})->type->kind() == vm::RegionKind::code);
    CHECK(f.space().regions().containing({0x403000})->type->kind() == vm::RegionKind::data);
}

TEST_CASE("whole pages of the archive are shared, and copied when they are written to") {
    auto segments = tests::usual_segments();
    segments[2] = {
        .type = 1, .flags = 6, .offset = 0x3000, .address = 0x403000, .file_bytes = 0x1000, .memory_bytes = 0x2000};
    Fixture f(100, page_bytes, tests::elf_bytes({.entry = 0x401100}, segments));
    const auto free = f.machine.frames.counts().free;
    REQUIRE(f.load().has_value());
    CHECK(f.references(0x401000) == 2);
    CHECK(f.references(0x402000) == 1); // the rest of its page is zero: it is put together
    CHECK(f.references(0x403000) == 2);
    CHECK(f.machine.translate(process, {0x403000}).access() == PageAccess::read);

    CHECK(*f.space().resolve({0x403000}, Access::read) == vm::Resolution::was_there);
    CHECK(*f.space().resolve({0x403000}, Access::write) == vm::Resolution::copied);
    CHECK(f.references(0x403000) == 1);
    CHECK(f.machine.translate(process, {0x403000}).access() == PageAccess::read_write);
    *f.machine.memory_of(process, {0x403000}) = std::byte{0xee};
    CHECK(f.machine.programs.find(Name("program"))->file[0x3000] == f.file[0x3000]);

    vm::ImageLoader::unload(f.space());
    CHECK(f.machine.frames.counts().free == free);
    CHECK(f.machine.counts_are_exact());
}

TEST_CASE("a file that is no program loads nothing") {
    Fixture text(100, page_bytes, std::vector<std::byte>(5000, std::byte{'x'}));
    CHECK(text.load().status() == Status::not_executable);
    CHECK(text.space().regions().size() == 1);
    Fixture empty(100, page_bytes, {});
    CHECK(empty.load().status() == Status::not_executable);
}

TEST_CASE("a load that runs out of its budget at any page leaves nothing") {
    for (std::uint32_t budget = 3; budget < 10; ++budget) {
        Fixture f(budget);
        const auto before = f.machine.frames.counts();
        CHECK(f.load().status() == Status::out_of_memory);
        CHECK(f.space().regions().size() == 1);
        CHECK(f.space().budget().left() == budget - 3);
        CHECK(f.machine.frames.counts().process == before.process);
        CHECK(f.machine.frames.counts().page_tables == before.page_tables);
    }
    Fixture enough(10); // five tables, four pages of the file, one of the stack
    CHECK(enough.load().has_value());
    CHECK(enough.space().budget().left() == 0);
}

TEST_CASE("a load that runs out of memory at any page leaves nothing") {
    for (std::uint64_t left = 0; left < 7; ++left) {
        Fixture f(100, 4); // no page is shared
        // The slab of regions is there already, so that the frames alone decide.
        vm::Region* region = f.machine.regions.create();
        while (f.machine.frames.counts().free > vm::FrameAllocator::reserve_pages + left)
            REQUIRE(f.machine.frames.allocate(vm::FrameUse::process).has_value());
        const auto before = f.machine.frames.counts();
        CHECK(f.load().status() == Status::out_of_memory);
        CHECK(f.machine.frames.counts().free == before.free);
        CHECK(f.machine.counts_are_exact());
        f.machine.regions.destroy(*region);
    }
}

TEST_CASE("arguments that are too big undo the load") {
    Fixture f;
    const std::vector<std::byte> empty_strings(vm::argument_bytes_limit);
    CHECK(f.load({.strings = empty_strings}).status() == Status::too_big);
    CHECK(f.space().regions().size() == 1);
    CHECK(f.space().resident_pages() == 0);
    CHECK(f.space().heap_end() == VirtualAddress{}); // no heap without a program
}
