// SPDX-License-Identifier: BSD-3-Clause
#include "boot/elf_image.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include <catch2/catch.hpp>

using namespace tessera;
using boot::ElfImage;
using boot::SegmentAccess;
using tests::ElfFileHeader;
using tests::ElfProgramHeader;

namespace {

Result<ElfImage> open(const std::vector<std::byte>& file) {
    return ElfImage::open(std::span(file).first(std::min(file.size(), ElfImage::head_bytes)), file.size());
}

Status status_of(const std::vector<ElfProgramHeader>& segments, const ElfFileHeader& header = {}) {
    return open(tests::elf_bytes(header, segments)).status();
}

Status status_of_header(const ElfFileHeader& header) { return status_of(tests::usual_segments(), header); }

// The usual program with one change to its data segment.
template <class Change> Status status_of_data(Change change) {
    auto segments = tests::usual_segments();
    change(segments[2]);
    return status_of(segments);
}

} // namespace

TEST_CASE("a usual program opens with all its segments") {
    const auto image = open(tests::elf_bytes({.entry = 0x401100}, tests::usual_segments()));
    REQUIRE(image.has_value());
    REQUIRE(image->segments().size() == 3);
    CHECK(image->entry() == VirtualAddress{0x401100});
    CHECK(image->program_headers() == VirtualAddress{0x400040});
    CHECK(image->program_header_count() == 3);

    CHECK(image->segments()[0].access == SegmentAccess::read);
    CHECK(image->segments()[1].access == SegmentAccess::read_execute);
    const auto& data = image->segments()[2];
    CHECK(data.access == SegmentAccess::read_write);
    CHECK(data.address == VirtualAddress{0x403010});
    CHECK(data.file_offset == 0x3010);
    CHECK(data.file_bytes == 0x100);
    CHECK(data.memory_bytes == 0x5000);
    CHECK(data.first_page() == VirtualAddress{0x403000});
    CHECK(data.end_page() == VirtualAddress{0x409000});
    CHECK(data.pages() == 6);
}

TEST_CASE("headers that are in no segment have no address") {
    auto segments = tests::usual_segments();
    segments.erase(segments.begin());
    const auto image = open(tests::elf_bytes({}, segments));
    REQUIRE(image.has_value());
    CHECK(image->program_headers() == VirtualAddress{0});
}

TEST_CASE("only static ELF64 programs for x86-64 are accepted") {
    CHECK(status_of_header({}) == Status::ok);
    CHECK(status_of_header({.type = 3}) == Status::not_executable);
    CHECK(status_of_header({.machine = 3}) == Status::not_executable);
    CHECK(status_of_header({.version = 2}) == Status::not_executable);
    CHECK(status_of_header({.header_bytes = 52}) == Status::not_executable);
    CHECK(status_of_header({.program_header_bytes = 32}) == Status::not_executable);
    CHECK(status_of_header({.identification = {0x7f, 'E', 'L', 'F', 1, 1, 1}}) == Status::not_executable);
    CHECK(status_of_header({.identification = {0x7f, 'E', 'L', 'F', 2, 2, 1}}) == Status::not_executable);
    CHECK(status_of_header({.identification = {0x7f, 'E', 'L', 'F', 2, 1, 1, 9}}) == Status::not_executable);
    CHECK(status_of_header({.identification = {'#', '!', '/', 'b', 'i', 'n'}}) == Status::not_executable);
    for (const std::uint32_t type : {2u, 3u}) { // dynamic, interpreter
        auto segments = tests::usual_segments();
        segments.push_back({.type = type});
        CHECK(status_of(segments) == Status::not_executable);
    }
}

TEST_CASE("program headers that do not load are ignored") {
    auto segments = tests::usual_segments();
    for (const std::uint32_t type : {0u, 4u, 6u, 7u, 0x6474e550u, 0x6474e551u})
        segments.push_back({.type = type, .flags = 7, .offset = ~0ull, .address = ~0ull, .file_bytes = ~0ull});
    CHECK(status_of(segments) == Status::ok);
}

TEST_CASE("a segment that is writable and executable is refused") {
    CHECK(status_of_data([](auto& data) { data.flags = 7; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.flags = 3; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.flags = 0; }) == Status::not_executable);
}

TEST_CASE("segments outside of the file are refused") {
    CHECK(status_of_data([](auto& data) { data.file_bytes = 0xff0; }) == Status::ok);
    CHECK(status_of_data([](auto& data) { data.file_bytes = 0xff1; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.offset = 0x5010; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.offset = ~0xfefull; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.file_bytes = ~0ull, data.memory_bytes = ~0ull; }) ==
          Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.memory_bytes = 0xff; }) == Status::not_executable);
}

TEST_CASE("segments outside of user space are refused") {
    const auto below = user_layout::anonymous.value;
    CHECK(status_of_data([](auto& data) { data.address = below - 0x6000 + 0x10; }) == Status::ok);
    CHECK(status_of_data([](auto& data) { data.memory_bytes = below - data.address; }) == Status::ok);
    CHECK(status_of_data([](auto& data) { data.memory_bytes = below - data.address + 1; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.address = below + 0x10; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.address = ~0xfefull; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.memory_bytes = ~0ull; }) == Status::not_executable);
    CHECK(status_of({{.address = 0x1000}}, {.entry = 0x1000}) == Status::not_executable);
    CHECK(status_of({{.address = 0x10000}}, {.entry = 0x10000}) == Status::ok);
}

TEST_CASE("segments on one page, out of order or not congruent are refused") {
    CHECK(status_of_data([](auto& data) { data.address = 0x402010; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.address = 0x3f0010; }) == Status::not_executable);
    CHECK(status_of_data([](auto& data) { data.address = 0x403020; }) == Status::not_executable);
}

TEST_CASE("the entry point must be in an executable segment") {
    CHECK(status_of_header({.entry = 0x402233}) == Status::ok);
    CHECK(status_of_header({.entry = 0x402234}) == Status::not_executable);
    CHECK(status_of_header({.entry = 0x400000}) == Status::not_executable);
    CHECK(status_of_header({.entry = 0x403010}) == Status::not_executable);
    CHECK(status_of_header({.entry = 0}) == Status::not_executable);
    CHECK(status_of({}) == Status::not_executable);
}

TEST_CASE("at most sixteen segments") {
    const auto rows = [](std::size_t count) {
        std::vector<ElfProgramHeader> segments(count);
        for (std::size_t i = 0; i < count; ++i) segments[i].address = 0x401000 + i * 0x1000;
        return segments;
    };
    CHECK(status_of(rows(16)) == Status::ok);
    CHECK(status_of(rows(17)) == Status::not_executable);
}

TEST_CASE("program headers must lie in the head of the file") {
    CHECK(status_of_header({.program_header_offset = 0xfff}) == Status::not_executable);
    CHECK(status_of_header({.program_header_offset = ~0ull - 55}) == Status::not_executable);
    CHECK(status_of_header({.program_header_count = 0xffff}) == Status::not_executable);
    const auto file = tests::elf_bytes({}, tests::usual_segments());
    CHECK(ElfImage::open(std::span(file).first(63), file.size()).status() == Status::not_executable);
    CHECK(ElfImage::open(std::span(file).first(64 + 3 * 56 - 1), file.size()).status() == Status::not_executable);
    CHECK(ElfImage::open(std::span(file).first(64 + 3 * 56), file.size()).has_value());
    CHECK(ElfImage::open(std::span(file).first(4096), 4095).status() == Status::not_executable);
    CHECK(ElfImage::open({}, 0).status() == Status::not_executable);
}
