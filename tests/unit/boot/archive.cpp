// SPDX-License-Identifier: BSD-3-Clause
#include "boot/archive.h"
#include "tests/unit/boot/archive_bytes.h"
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace tessera;
using boot::Archive;
using tests::ArchiveBytes;

namespace {

std::string contents(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

TEST_CASE("an archive gives each file by its name") {
    ArchiveBytes bytes;
    bytes.add("rs", "first").add("empty", "").add("ds.conf", "priority 3\n");
    const auto image = bytes.finish();
    const auto archive = Archive::open(image);
    REQUIRE(archive.has_value());
    CHECK(contents(*archive->find("rs")) == "first");
    CHECK(archive->find("empty")->empty());
    CHECK(contents(*archive->find("ds.conf")) == "priority 3\n");
    CHECK(archive->find("ds").status() == Status::no_entry);
    CHECK(archive->find("").status() == Status::no_entry);
    CHECK(archive->find("TRAILER!!!").status() == Status::no_entry);

    std::vector<std::string> names;
    for (const auto& entry : *archive) names.emplace_back(entry.name);
    CHECK(names == std::vector<std::string>{"rs", "empty", "ds.conf"});
}

TEST_CASE("an archive without files is one") {
    const auto image = ArchiveBytes{}.finish();
    const auto archive = Archive::open(image);
    REQUIRE(archive.has_value());
    CHECK(archive->begin() == archive->end());
    CHECK(archive->find("rs").status() == Status::no_entry);
}

TEST_CASE("a directory is listed but is no file to find") {
    ArchiveBytes bytes;
    bytes.add("bin", "", {.mode = 0040755}).add("bin/true", "x");
    const auto image = bytes.finish();
    const auto archive = Archive::open(image);
    REQUIRE(archive.has_value());
    CHECK(archive->find("bin").status() == Status::no_entry);
    CHECK(contents(*archive->find("bin/true")) == "x");
}

TEST_CASE("a wrong checksum damages that file and no other") {
    const auto image = ArchiveBytes{}.add("good", "abc").add("bad", "abc", {.checksum = 1}).finish();
    const auto archive = Archive::open(image);
    REQUIRE(archive.has_value());
    CHECK(archive->find("good").has_value());
    CHECK(archive->find("bad").status() == Status::damaged);
}

TEST_CASE("a flipped bit in a file's contents is noticed") {
    auto image = ArchiveBytes{}.add("file", "abcdefgh").finish();
    const auto text = contents(image);
    image[text.find("abcdefgh") + 3] ^= std::byte{4};
    const auto archive = Archive::open(image);
    REQUIRE(archive.has_value());
    CHECK(archive->find("file").status() == Status::damaged);
}

TEST_CASE("headers that are not sane are refused") {
    using Options = ArchiveBytes::Options;
    const auto refused = [](std::string_view name, const Options& options) {
        const auto image = ArchiveBytes{}.add(name, "abc", options).finish();
        return Archive::open(image).status() == Status::damaged;
    };
    CHECK_FALSE(refused("name", {}));
    CHECK(refused("name", {.magic = "070701"})); // without checksums
    CHECK(refused("name", {.magic = "070707"}));
    CHECK(refused("", {}));
    CHECK(refused("two\nlines", {}));
    CHECK(refused(std::string_view("nul\0inside", 10), {}));
    CHECK(refused(std::string(Archive::name_limit + 1, 'n'), {}));
    CHECK_FALSE(refused(std::string(Archive::name_limit, 'n'), {}));
    CHECK(refused("name", {.name_size = "00000000"}));
    CHECK(refused("name", {.name_size = "00000004"})); // not NUL-terminated
    CHECK(refused("name", {.name_size = "ffffffff"}));
    CHECK(refused("name", {.file_size = "ffffffff"}));
    CHECK(refused("name", {.file_size = "7fffffff"}));
    CHECK(refused("name", {.file_size = "0000000g"}));
    CHECK(refused("name", {.file_size = "+0000003"}));
}

TEST_CASE("every truncation of an archive is refused") {
    const auto image = ArchiveBytes{}.add("rs", "some contents").add("ds", "more").finish();
    REQUIRE(Archive::open(image).has_value());
    // The padding after the end record is not needed; all before it is.
    for (std::size_t bytes = 0; bytes + 4 < image.size(); ++bytes) {
        const std::vector<std::byte> cut(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(bytes));
        CHECK(Archive::open(cut).status() == Status::damaged);
    }
}
