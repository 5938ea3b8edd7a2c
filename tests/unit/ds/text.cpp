// SPDX-License-Identifier: BSD-3-Clause
#include "servers/ds/text.h"
#include "servers/protocols/ds.h"
#include <catch2/catch.hpp>
#include <string>

using namespace tessera;
using ds::valid_key;
using ds::valid_string;
using namespace std::string_view_literals;

TEST_CASE("keys are 1 to 79 bytes of printable UTF-8") {
    CHECK(valid_key("net.e1000.mac"));
    CHECK(valid_key("gr\xc3\xb6\xc3\x9f"
                    "e"));
    CHECK(valid_key("\xe2\x82\xac \xf0\x9f\xa6\x80"));
    CHECK(valid_key(std::string(79, 'k')));
    CHECK(!valid_key(""));
    CHECK(!valid_key(std::string(80, 'k')));
    CHECK(!valid_key("a\0b"sv));
    CHECK(!valid_key("a\nb"));
    CHECK(!valid_key("a\x7f"));
    CHECK(!valid_key("a\xc2\x9b")); // U+009B, a terminal's control sequence introducer
}

TEST_CASE("malformed UTF-8 is refused") {
    for (const std::string_view bad :
         {"\x80"sv, "\xc3"sv, "\xc3\x28"sv, "\xc0\xaf"sv, "\xc1\xbf"sv, "\xe0\x80\xaf"sv, "\xed\xa0\x80"sv,
          "\xf0\x80\x80\xaf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "\xe2\x82"sv}) {
        CHECK(!valid_key(bad));
        CHECK(!valid_string(bad));
    }
}

TEST_CASE("strings are up to 1024 bytes and may hold line ends") {
    CHECK(valid_string(""));
    CHECK(valid_string("a\nb\t"));
    CHECK(valid_string(std::string(protocol::ds::string_limit, 's')));
    CHECK(!valid_string(std::string(protocol::ds::string_limit + 1, 's')));
    CHECK(!valid_string("a\0b"sv));
}
