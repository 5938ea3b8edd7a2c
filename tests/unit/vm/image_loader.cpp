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

// A source that fails at a chosen read.
class FailingImage final : public vm::ImageSource {
public:
    FailingImage(std::span<const std::byte> file, std::size_t fail_at) : file_(file), fail_at_(fail_at) {}
    Completion read(std::uint64_t offset, std::span<std::byte> to) override {
        if (++reads_ == fail_at_) return Status::bad_address;
        return file_.read(offset, to);
    }

private:
    vm::VisibleImage file_;
    std::size_t fail_at_;
    std::size_t reads_ = 0;
};

struct Fixture {
    explicit Fixture(std::uint32_t budget = 100) {
        machine.kernel.add(process);
        REQUIRE(machine.spaces.create({.process = process, .budget_pages = budget}).has_value());
    }
    vm::Space& space() { return *machine.spaces.space(process); }
    Result<vm::LoadedProgram> load(vm::ImageSource& source, std::span<const std::byte> arguments = {}) {
        return vm::ImageLoader(machine.environment).load(space(), source, file.size(), arguments, {});
    }
    std::byte in_memory(std::uint64_t address) { return *machine.memory_of(process, {address}); }

    tests::Machine machine;
    std::vector<std::byte> file = tests::elf_bytes({.entry = 0x401100}, tests::usual_segments());
};

} // namespace

TEST_CASE("a program is in memory as its file says") {
    Fixture f;
    vm::VisibleImage source(f.file);
    const auto program = f.load(source);
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
    vm::VisibleImage source(f.file);
    REQUIRE(f.load(source).has_value());
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
    vm::VisibleImage source(f.file);
    REQUIRE(f.load(source).has_value());
    CHECK(f.space().regions().size() == 5);
    CHECK(f.space().regions().containing({0x400000})->type->kind() == vm::RegionKind::data);
    CHECK(f.space().regions().containing({0x401000})->type->kind() == vm::RegionKind::code);
    CHECK(f.space().regions().containing({0x403000})->type->kind() == vm::RegionKind::data);
}

TEST_CASE("a file that is no program loads nothing") {
    Fixture f;
    f.file[0] = std::byte{0};
    vm::VisibleImage source(f.file);
    CHECK(f.load(source).status() == Status::not_executable);
    CHECK(f.space().regions().size() == 1);
    f.file.clear();
    CHECK(f.load(source).status() == Status::not_executable);
}

TEST_CASE("a load that fails at any read leaves nothing, and the next one works") {
    Fixture f;
    const auto before = f.machine.frames.counts();
    for (std::size_t fail_at = 1; fail_at <= 5; ++fail_at) {
        FailingImage source(f.file, fail_at);
        CHECK(f.load(source).status() == Status::bad_address);
        CHECK(f.space().regions().size() == 1);
        CHECK(f.space().resident_pages() == 0);
        CHECK(f.machine.frames.counts().process == before.process);
        CHECK(f.machine.frames.counts().page_tables == before.page_tables);
    }
    FailingImage source(f.file, 6);
    CHECK(f.load(source).has_value());
}

TEST_CASE("a load that runs out of its budget at any page leaves nothing") {
    for (std::uint32_t budget = 3; budget < 10; ++budget) {
        Fixture f(budget);
        const auto before = f.machine.frames.counts();
        vm::VisibleImage source(f.file);
        CHECK(f.load(source).status() == Status::out_of_memory);
        CHECK(f.space().regions().size() == 1);
        CHECK(f.space().budget().left() == budget - 3);
        CHECK(f.machine.frames.counts().process == before.process);
        CHECK(f.machine.frames.counts().page_tables == before.page_tables);
    }
    Fixture enough(10); // five tables, four pages of the file, one of the stack
    vm::VisibleImage source(enough.file);
    CHECK(enough.load(source).has_value());
    CHECK(enough.space().budget().left() == 0);
}

TEST_CASE("a load that runs out of memory at any page leaves nothing") {
    for (std::uint64_t left = 0; left < 7; ++left) {
        Fixture f;
        vm::VisibleImage source(f.file);
        // The slab of regions is there already, so that the frames alone decide.
        vm::Region* region = f.machine.regions.create();
        while (f.machine.frames.counts().free > vm::FrameAllocator::reserve_pages + left)
            REQUIRE(f.machine.frames.allocate(vm::FrameUse::process).has_value());
        const auto before = f.machine.frames.counts();
        CHECK(f.load(source).status() == Status::out_of_memory);
        CHECK(f.machine.frames.counts().free == before.free);
        CHECK(f.machine.counts_are_exact());
        f.machine.regions.destroy(*region);
    }
}

TEST_CASE("arguments that are too big undo the load") {
    Fixture f;
    vm::VisibleImage source(f.file);
    const std::vector<std::byte> empty_strings(vm::argument_bytes_limit);
    CHECK(f.load(source, empty_strings).status() == Status::too_big);
    CHECK(f.space().regions().size() == 1);
    CHECK(f.space().resident_pages() == 0);
}
