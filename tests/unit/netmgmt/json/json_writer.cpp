// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/json/json_writer.h"

#include "netmgmt/json/utf8.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace tessera::netmgmt;
using namespace std::string_literals;

namespace {

std::string text_of(std::string_view text) {
    BoundedText out(100);
    JsonWriter(out).text(text);
    return std::string(out.view());
}

} // namespace

TEST_CASE("objects and arrays get their commas") {
    BoundedText out(200);
    JsonWriter writer(out);
    writer.begin_object();
    writer.key("a");
    writer.begin_array();
    writer.null();
    writer.boolean(true);
    writer.begin_object();
    writer.end_object();
    writer.end_array();
    writer.key("b");
    writer.number(std::int64_t{-5});
    writer.key("c");
    writer.json("[1]");
    writer.end_object();
    CHECK(out.view() == R"({"a":[null,true,{}],"b":-5,"c":[1]})");
    CHECK(writer.fits());
}

TEST_CASE("numbers are written to their last digit") {
    BoundedText out(200);
    JsonWriter writer(out);
    writer.begin_array();
    writer.number(std::numeric_limits<std::int64_t>::min());
    writer.number(std::numeric_limits<std::uint64_t>::max());
    writer.decimal_text(std::numeric_limits<std::uint64_t>::max());
    writer.hexadecimal_text(std::numeric_limits<std::uint64_t>::max());
    writer.hexadecimal_text(0);
    writer.end_array();
    CHECK(out.view() ==
          R"([-9223372036854775808,18446744073709551615,"18446744073709551615","0xffffffffffffffff","0x0"])");
}

TEST_CASE("strings are escaped, and what is no UTF-8 is replaced") {
    CHECK(text_of("plain ~") == R"("plain ~")");
    CHECK(text_of("a\"b\\c\n\x01\x7f"s) == "\"a\\\"b\\\\c\\n\\u0001\x7f\"");
    CHECK(text_of("a\0b"s) == R"("a\u0000b")");
    CHECK(text_of("\u00e9") == "\"\u00e9\"");
    CHECK(text_of("a\xff"
                  "b") == "\"a\ufffdb\"");
    CHECK(text_of("\xed\xa0\xbd") == "\"\ufffd\ufffd\ufffd\"");
}

TEST_CASE("what has no room is left out, remembered and can be taken back") {
    BoundedText out(12);
    JsonWriter writer(out);
    writer.begin_array();
    writer.number(std::uint64_t{1});
    const auto mark = writer.mark();
    writer.text("much too long");
    CHECK_FALSE(writer.fits());
    writer.number(std::uint64_t{2});
    CHECK_FALSE(writer.fits());
    writer.return_to(mark);
    CHECK(writer.fits());
    writer.end_array();
    CHECK(out.view() == "[1]");
}

TEST_CASE("a bounded text keeps what is reserved") {
    BoundedText out(10);
    out.reserve(4);
    CHECK(out.room() == 6);
    CHECK_FALSE(out.append("1234567"));
    CHECK(out.append("123456"));
    CHECK(out.room() == 0);
    out.reserve(0);
    CHECK(out.append("7890"));
    CHECK(out.view() == "1234567890");
    out.truncate(2);
    CHECK(out.view() == "12");
    out.reserve(20);
    CHECK(out.room() == 0);
}

TEST_CASE("clipping does not cut a character in two") {
    CHECK(clip("abc", 3) == "abc");
    CHECK(clip("abcd", 3) == "abc");
    CHECK(clip("ab\u00e9", 3) == "ab");
    CHECK(clip("ab\u00e9", 4) == "ab\u00e9");
    CHECK(clip("\U0001f600", 3).empty());
}
