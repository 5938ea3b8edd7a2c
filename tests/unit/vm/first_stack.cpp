// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/first_stack.h"
#include "kernel/abi/user_layout.h"
#include "tests/unit/boot/elf_bytes.h"
#include <catch2/catch.hpp>
#include <map>
#include <string>

using namespace tessera;
using vm::FirstStack;

namespace {

boot::ElfImage usual_image() {
    const auto file = tests::elf_bytes({.entry = 0x401100}, tests::usual_segments());
    return *boot::ElfImage::open(std::span(file).first(boot::ElfImage::head_bytes), file.size());
}

vm::RandomSeed counting_seed() {
    vm::RandomSeed seed;
    for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::byte>(i + 1);
    return seed;
}

// Reads a stack as a program does.
class Reader {
public:
    explicit Reader(const FirstStack& stack) : stack_(stack) {}

    std::uint64_t word(std::uint64_t address) const {
        std::uint64_t value = 0;
        std::memcpy(&value, at(address, sizeof(value)), sizeof(value));
        return value;
    }
    std::string string(std::uint64_t address) const {
        std::string text;
        while (*at(address, 1) != std::byte{0}) text += static_cast<char>(*at(address++, 1));
        return text;
    }
    const std::byte* at(std::uint64_t address, std::uint64_t bytes) const {
        REQUIRE(address >= stack_.pointer().value);
        REQUIRE(address + bytes <= user_layout::stack_end.value);
        return stack_.bytes().data() + (address - stack_.pointer().value);
    }

    std::uint64_t argument_count() const { return word(stack_.pointer().value); }
    std::uint64_t argument(std::uint64_t index) const { return word(stack_.pointer().value + 8 + 8 * index); }
    std::map<std::uint64_t, std::uint64_t> auxiliary() const {
        std::map<std::uint64_t, std::uint64_t> result;
        std::uint64_t address = stack_.pointer().value + 8 * (argument_count() + 3);
        for (; word(address) != 0; address += 16) result[word(address)] = word(address + 8);
        return result;
    }

private:
    const FirstStack& stack_;
};

std::vector<std::string> arguments_of(std::string_view text) {
    FirstStack stack;
    REQUIRE(stack.build({.strings = std::as_bytes(std::span(text))}, usual_image(), counting_seed()).has_value());
    REQUIRE(stack.pointer().value % 16 == 0);
    const Reader reader(stack);
    std::vector<std::string> result;
    for (std::uint64_t i = 0; i < reader.argument_count(); ++i) result.push_back(reader.string(reader.argument(i)));
    CHECK(reader.argument(reader.argument_count()) == 0);     // end of argv
    CHECK(reader.argument(reader.argument_count() + 1) == 0); // no environment
    return result;
}

} // namespace

TEST_CASE("arguments arrive as strings") {
    using Strings = std::vector<std::string>;
    CHECK(arguments_of(std::string_view("ds\0-v\0two words\0", 16)) == Strings{"ds", "-v", "two words"});
    CHECK(arguments_of("rs") == Strings{"rs"}); // without its NUL
    CHECK(arguments_of(std::string_view("a\0\0b", 4)) == Strings{"a", "", "b"});
    CHECK(arguments_of(std::string_view("\0", 1)) == Strings{""});
    CHECK(arguments_of("") == Strings{""}); // argv[0] is always there
    CHECK(arguments_of(std::string(vm::argument_bytes_limit, 'x')) == Strings{std::string(4096, 'x')});
}

TEST_CASE("strings behind the arguments are the environment") {
    const std::string_view text("ls\0-l\0A=1\0B=2\0", 14);
    const auto strings = std::as_bytes(std::span(text));
    FirstStack stack;
    REQUIRE(stack.build({.strings = strings, .count = 2}, usual_image(), counting_seed()).has_value());
    const Reader reader(stack);
    CHECK(reader.argument_count() == 2);
    CHECK(reader.string(reader.argument(1)) == "-l");
    CHECK(reader.argument(2) == 0);
    CHECK(reader.string(reader.argument(3)) == "A=1");
    CHECK(reader.string(reader.argument(4)) == "B=2");
    CHECK(reader.argument(5) == 0);
    CHECK(reader.argument(6) == 3); // the auxiliary vector

    REQUIRE(stack.build({.strings = strings, .count = 4}, usual_image(), counting_seed()).has_value());
    CHECK(reader.argument_count() == 4);
    CHECK(reader.argument(5) == 0);
    CHECK(stack.build({.strings = strings, .count = 5}, usual_image(), counting_seed()).status() == Status::invalid);
    REQUIRE(stack.build({.strings = {}, .count = 0}, usual_image(), counting_seed()).has_value());
    CHECK(reader.argument_count() == 0);
    CHECK(reader.argument(0) == 0);
    CHECK(reader.argument(1) == 0);
}

TEST_CASE("the auxiliary vector tells of the program") {
    FirstStack stack;
    REQUIRE(stack.build({}, usual_image(), counting_seed()).has_value());
    const Reader reader(stack);
    auto auxiliary = reader.auxiliary();
    CHECK(auxiliary.size() == 6);
    CHECK(auxiliary[3] == 0x400040);
    CHECK(auxiliary[4] == 56);
    CHECK(auxiliary[5] == 3);
    CHECK(auxiliary[6] == 4096);
    CHECK(auxiliary[9] == 0x401100);
    const auto seed = counting_seed();
    CHECK(std::memcmp(reader.at(auxiliary[25], seed.size()), seed.data(), seed.size()) == 0);
}

TEST_CASE("headers that are not loaded are not told of") {
    auto segments = tests::usual_segments();
    segments.erase(segments.begin());
    const auto file = tests::elf_bytes({}, segments);
    FirstStack stack;
    REQUIRE(stack.build({}, *boot::ElfImage::open(std::span(file).first(4096), file.size()), {}).has_value());
    auto auxiliary = Reader(stack).auxiliary();
    CHECK(auxiliary[3] == 0);
    CHECK(auxiliary[5] == 0);
}

TEST_CASE("too many arguments are refused") {
    FirstStack stack;
    const std::vector<std::byte> empty_strings(vm::argument_bytes_limit);
    CHECK(stack.build({.strings = empty_strings}, usual_image(), {}).status() == Status::too_big);
    const std::vector<std::byte> long_string(vm::argument_bytes_limit + 1, std::byte{'x'});
    CHECK(stack.build({.strings = long_string}, usual_image(), {}).status() == Status::too_big);
    CHECK(stack.build({.strings = std::span(empty_strings).first(1500)}, usual_image(), {}).has_value());
    CHECK(stack.bytes().size() <= FirstStack::limit);
}
