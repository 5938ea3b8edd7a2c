// SPDX-License-Identifier: BSD-3-Clause
#include "boot/loader_information.h"
#include "tests/unit/boot/loader_bytes.h"
#include <catch2/catch.hpp>
#include <random>

using namespace tessera;
using boot::LoaderInformation;
using tests::LoaderBytes;
using namespace std::string_view_literals;

namespace {

constexpr std::uint32_t command_line = 1, module = 3, memory_map = 6, frame_buffer = 8, efi64 = 12, acpi_old = 14,
                        acpi_new = 15, efi64_image = 20;

LoaderBytes with_memory() { return LoaderBytes{}.memory(0x10'0000, 0x100'0000, 1); }

// The bytes must outlive what is read from them: the command line points into them.
LoaderInformation read(const std::vector<std::byte>& bytes) {
    const auto information = LoaderInformation::parse(bytes);
    REQUIRE(information.has_value());
    return *information;
}

std::vector<std::byte> module_at(std::uint32_t begin, std::uint32_t end) { return LoaderBytes::pack(begin, end, 'm'); }

} // namespace

TEST_CASE("what a usual loader tells is read") {
    const auto bytes = LoaderBytes{}
                           .text(command_line, "mode=open\0"sv)
                           .text(2, "GRUB 2.06\0"sv)
                           .tag(module, module_at(0x80'0000, 0x90'1234))
                           .tag_of(memory_map, 24u, 0u, 0ull, 0x9'fc00ull, 1u, 0u, 0xe'0000ull, 0x2'0000ull, 2u, 0u)
                           .tag_of(frame_buffer, 0xfd00'0000ull, 4096u, 1024u, 768u, std::uint8_t{32}, std::uint8_t{1})
                           .tag_of(21, 0x20'0000u)
                           .finish();
    const auto information = read(bytes);
    CHECK(information.command_line == "mode=open");
    CHECK(information.archive == PhysicalAddress{0x80'0000});
    CHECK(information.archive_bytes == 0x10'1234);
    REQUIRE(information.memory_count == 2);
    CHECK(information.memory[0].bytes == 0x9'fc00);
    CHECK(information.memory[0].kind == MemoryKind::free);
    CHECK(information.memory[1].base == PhysicalAddress{0xe'0000});
    CHECK(information.memory[1].kind == MemoryKind::reserved);
    CHECK_FALSE(information.memory_truncated);
    CHECK(information.screen.base == PhysicalAddress{0xfd00'0000});
    CHECK(information.screen.pitch == 4096);
    CHECK(information.screen.width == 1024);
    CHECK(information.screen.height == 768);
    CHECK(information.screen.bits_per_cell == 32);
    CHECK(information.firmware == Firmware::bios);
}

TEST_CASE("a text screen has cells of sixteen bits whatever depth the loader writes") {
    const auto bytes =
        with_memory()
            .tag_of(frame_buffer, 0xb8000ull, 160u, 80u, 25u, std::uint8_t{0}, std::uint8_t{2}, std::uint16_t{0})
            .finish();
    CHECK(read(bytes).screen.bits_per_cell == 16);
    CHECK(read(bytes).screen.width == 80);
}

TEST_CASE("a tag of EFI means UEFI") {
    const auto bytes = with_memory().tag_of(GENERATE(as<std::uint32_t>{}, efi64, efi64_image), 0x1234ull).finish();
    CHECK(read(bytes).firmware == Firmware::uefi);
}

TEST_CASE("of two ACPI root pointers the new one counts, whichever comes first") {
    const auto first_byte = [](const std::vector<std::byte>& bytes) {
        const auto pointer = read(bytes).acpi_root_pointer;
        return pointer.empty() ? '-' : static_cast<char>(pointer[0]);
    };
    CHECK(first_byte(with_memory().finish()) == '-');
    CHECK(first_byte(with_memory().text(acpi_old, "old"sv).finish()) == 'o');
    CHECK(first_byte(with_memory().text(acpi_old, "old"sv).text(acpi_new, "new"sv).finish()) == 'n');
    CHECK(first_byte(with_memory().text(acpi_new, "new"sv).text(acpi_old, "old"sv).finish()) == 'n');
}

TEST_CASE("memory is free only where the firmware says available") {
    const std::uint32_t type = GENERATE(0u, 2u, 3u, 4u, 5u, 0x1000'0001u, ~0u);
    const auto bytes = LoaderBytes{}.memory(0, 4096, type).finish();
    CHECK(read(bytes).memory[0].kind == MemoryKind::reserved);
}

TEST_CASE("without a memory map the information is damaged") {
    CHECK(LoaderInformation::parse({}).status() == Status::damaged);
    CHECK(LoaderInformation::parse(LoaderBytes{}.finish()).status() == Status::damaged);
    CHECK(LoaderInformation::parse(LoaderBytes{}.text(command_line, "x\0"sv).finish()).status() == Status::damaged);
    const auto empty_map = LoaderBytes{}.tag_of(memory_map, 24u, 0u).finish();
    CHECK(LoaderInformation::parse(empty_map).status() == Status::damaged);
}

TEST_CASE("a tag that is smaller than its header or runs over the end damages all") {
    const std::uint32_t size = GENERATE(as<std::uint32_t>{}, 1, 7, 25, 4096, 0x7fff'ffff, 0xffff'ffff, 0xffff'fff9);
    CHECK(LoaderInformation::parse(with_memory().tag(99, {}, size).finish()).status() == Status::damaged);
}

TEST_CASE("tags after the end tag do not count, unknown ones are passed over") {
    const auto bytes = with_memory().tag(0, {}).text(command_line, "late\0"sv).finish();
    CHECK(read(bytes).command_line.empty());
    const auto unknown = LoaderBytes{}.text(77, "12345"sv).memory(0, 4096, 1).text(~0u, ""sv).finish();
    CHECK(read(unknown).memory_count == 1);
}

TEST_CASE("the first module that holds something is the archive") {
    const auto bytes = with_memory()
                           .tag(module, module_at(0x1000, 0x1000))
                           .tag(module, module_at(0x5000, 0x4000))
                           .tag(module, module_at(0x8000, 0x9000))
                           .tag(module, module_at(0xa000, 0xb000))
                           .finish();
    CHECK(read(bytes).archive == PhysicalAddress{0x8000});
    CHECK(read(bytes).archive_bytes == 0x1000);
}

TEST_CASE("a module that ends before it begins is none") {
    CHECK(read(with_memory().tag(module, module_at(0x5000, 0x4000)).finish()).archive_bytes == 0);
}

TEST_CASE("a command line without its end is none") {
    CHECK(read(with_memory().text(command_line, "12345678"sv).finish()).command_line.empty());
    CHECK(read(with_memory().text(command_line, ""sv).finish()).command_line.empty());
    CHECK(read(with_memory().text(command_line, "\0"sv).finish()).command_line.empty());
    CHECK(read(with_memory().text(command_line, "ab\0cd\0"sv).finish()).command_line == "ab");
}

TEST_CASE("entries of a memory map may be larger than today's, not smaller") {
    const auto larger =
        LoaderBytes{}
            .tag_of(memory_map, 32u, 0u, 0x1000ull, 0x2000ull, 1u, 0u, 0xbadull, 0x9000ull, 0x3000ull, 1u, 0u, 0xbadull)
            .finish();
    REQUIRE(read(larger).memory_count == 2);
    CHECK(read(larger).memory[1].base == PhysicalAddress{0x9000});
    const std::uint32_t size = GENERATE(0u, 1u, 23u, 0xffff'ffffu, 0x8000'0000u);
    const auto odd = LoaderBytes{}.tag_of(memory_map, size, 0u, 0x1000ull, 0x2000ull, 1u, 0u).finish();
    CHECK(LoaderInformation::parse(odd).status() == Status::damaged);
}

TEST_CASE("an entry that is cut off does not count") {
    const auto bytes =
        LoaderBytes{}.tag_of(memory_map, 24u, 0u, 0x1000ull, 0x2000ull, 1u, 0u, 0x5000ull, 0x6000ull).finish();
    CHECK(read(bytes).memory_count == 1);
}

TEST_CASE("more ranges than fit are left out, and that is told") {
    for (const std::size_t count : {memory_range_limit, memory_range_limit + 1}) {
        LoaderBytes bytes;
        for (std::size_t i = 0; i < count; ++i) bytes.memory(i * 0x1000, 0x1000, 1);
        const auto all = bytes.finish();
        CHECK(read(all).memory_count == memory_range_limit);
        CHECK(read(all).memory_truncated == (count > memory_range_limit));
    }
}

TEST_CASE("short tags read as zeros, never as what follows them") {
    auto bytes = with_memory();
    for (const std::uint32_t type : {module, frame_buffer, memory_map, efi64}) bytes.tag(type, {});
    const auto all =
        bytes.tag(module, LoaderBytes::pack(0x7000u)).text(99, "\xff\xff\xff\xff\xff\xff\xff\xff"sv).finish();
    const auto information = read(all);
    CHECK(information.archive_bytes == 0);
    CHECK(information.screen.width == 0);
    CHECK(information.screen.bits_per_cell == 0);
    CHECK(information.memory_count == 1);
}

TEST_CASE("every truncation, and any flipped bytes, are read without touching anything outside") {
    const auto whole = with_memory()
                           .text(command_line, "mode=open\0"sv)
                           .tag(module, module_at(1, 2))
                           .tag_of(frame_buffer, 1ull, 2u, 3u, 4u, std::uint8_t{32}, std::uint8_t{1})
                           .finish();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto information = LoaderInformation::parse(cut);
        if (information.has_value()) CHECK(information->memory_count == 1);
    }
    std::mt19937 random{5};
    std::size_t accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto bytes = whole;
        for (std::uint32_t flips = 1 + random() % 6; flips > 0; --flips)
            bytes[random() % bytes.size()] = static_cast<std::byte>(random());
        const auto information = LoaderInformation::parse(bytes);
        if (!information.has_value()) continue;
        ++accepted;
        const auto* begin = reinterpret_cast<const char*>(bytes.data());
        const auto& line = information->command_line;
        if (!line.empty() && (line.data() < begin || line.data() + line.size() >= begin + bytes.size()))
            FAIL("the command line is outside of the information");
    }
    CHECK(accepted > 1000);
}
