// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/json/strict_parser.h"

#include <catch2/catch.hpp>

#include <format>

using namespace tessera::netmgmt;
using namespace std::string_literals;

namespace {

constexpr ParseLimits limits{.nesting = 4, .values = 8, .string_bytes = 6};

/// What the parser says of a text: empty when it takes it.
std::string_view verdict(std::string_view text) {
    auto document = parse_strictly(text, limits);
    return document ? std::string_view() : describe(document.error().failure);
}

} // namespace

TEST_CASE("JSON of every kind is read") {
    auto document = parse_strictly(R"({"a":[1,-2,2.5],"b":null,"c":"\u00e9"})", limits);
    REQUIRE(document);
    CHECK(document->root().find("a")->element(0).unsigned_integer() == 1);
    CHECK_FALSE(document->root().find("a")->element(1).unsigned_integer());
    CHECK(document->root().find("a")->element(1).is_integer());
    CHECK_FALSE(document->root().find("a")->element(2).is_integer());
    CHECK(document->root().find("b")->is_null());
    CHECK(document->root().find("c")->text() == "\u00e9");
    CHECK_FALSE(document->root().find("d"));
    CHECK(document->root().json() == R"({"a":[1,-2,2.5],"b":null,"c":"é"})");
}

TEST_CASE("white space around the value is taken") { CHECK(verdict(" \t{} \r ") == ""); }

TEST_CASE("what is not strictly JSON is refused") {
    const auto malformed = describe(ParseFailure::malformed);
    CHECK(verdict("") == malformed);
    CHECK(verdict("{") == malformed);
    CHECK(verdict("{}}") == malformed);
    CHECK(verdict("{} {}") == malformed);
    CHECK(verdict("[1,]") == malformed);
    CHECK(verdict("[01]") == malformed);
    CHECK(verdict("[+1]") == malformed);
    CHECK(verdict("[.5]") == malformed);
    CHECK(verdict("[NaN]") == malformed);
    CHECK(verdict("{'a':1}") == malformed);
    CHECK(verdict("{a:1}") == malformed);
    CHECK(verdict("// no\n{}") == malformed);
    CHECK(verdict("[\"\t\"]") == malformed);
    CHECK(verdict(R"(["\x"])") == malformed);
    CHECK(verdict(R"(["\u12"])") == malformed);
}

TEST_CASE("strings must be UTF-8 without surrogates and without overlong forms") {
    const auto malformed = describe(ParseFailure::malformed);
    CHECK(verdict(R"(["\ud83d\ude00"])") == "");
    CHECK(verdict("[\"\xf0\x9f\x98\x80\"]") == "");
    CHECK(verdict(R"(["\ud83d"])") == malformed);
    CHECK(verdict(R"(["\ude00"])") == malformed);
    CHECK(verdict(R"(["\ud83dx"])") == malformed);
    CHECK(verdict("[\"\xed\xa0\xbd\"]") == malformed);     // a surrogate as UTF-8
    CHECK(verdict("[\"\xc0\xaf\"]") == malformed);         // overlong '/'
    CHECK(verdict("[\"\xe0\x80\xaf\"]") == malformed);     // overlong '/'
    CHECK(verdict("[\"\xf4\x90\x80\x80\"]") == malformed); // beyond U+10FFFF
    CHECK(verdict("[\"\xff\"]") == malformed);
    CHECK(verdict("[\"\xc3\"]") == malformed); // cut off
}

TEST_CASE("a byte-order mark is refused") {
    CHECK(verdict("\xef\xbb\xbf{}") == describe(ParseFailure::byte_order_mark));
}

TEST_CASE("NUL is refused in the text and in keys, and read in strings") {
    CHECK(verdict("{}\0"s) == describe(ParseFailure::nul_byte));
    CHECK(verdict("{}\0garbage"s) == describe(ParseFailure::nul_byte));
    CHECK(verdict(R"({"a\u0000b":1})") == describe(ParseFailure::nul_in_key));
    CHECK(verdict(R"(["a\u0000b"])") == "");
}

TEST_CASE("duplicate keys are refused, however they are written") {
    CHECK(verdict(R"({"a":1,"a":1})") == describe(ParseFailure::duplicate_key));
    CHECK(verdict(R"({"a":1,"\u0061":2})") == describe(ParseFailure::duplicate_key));
    CHECK(verdict(R"([{"a":1},{"a":2}])") == "");
    CHECK(verdict(R"({"a":{"a":2}})") == "");
}

TEST_CASE("numbers beyond a double are refused") {
    CHECK(verdict("[1e308]") == "");
    CHECK(verdict("[1e999]") == describe(ParseFailure::number_out_of_range));
    CHECK(verdict("[-1e999]") == describe(ParseFailure::number_out_of_range));
    CHECK(verdict("[1e-999]") == "");
}

TEST_CASE("the limits of the parser hold on both sides") {
    CHECK(verdict("[[[[]]]]") == "");
    CHECK(verdict("[[[[[]]]]]") == describe(ParseFailure::too_deep));
    CHECK(verdict("{\"a\":[{\"a\":[]}]}") == "");
    CHECK(verdict("{\"a\":[{\"a\":[{}]}]}") == describe(ParseFailure::too_deep));
    CHECK(verdict("[1,2,3,4,5,6,7]") == "");
    CHECK(verdict("[1,2,3,4,5,6,7,8]") == describe(ParseFailure::too_many_values));
    CHECK(verdict("[\"123456\"]") == "");
    CHECK(verdict("[\"1234567\"]") == describe(ParseFailure::string_too_long));
    CHECK(verdict(R"(["\u00e9\u00e9\u00e9"])") == "");
    CHECK(verdict(R"(["\u00e9\u00e9\u00e9."])") == describe(ParseFailure::string_too_long));
    CHECK(verdict(R"({"1234567":1})") == describe(ParseFailure::string_too_long));
    CHECK(exceeded_limit(ParseFailure::too_deep) == "nesting");
    CHECK(exceeded_limit(ParseFailure::too_many_values) == "values");
    CHECK(exceeded_limit(ParseFailure::string_too_long) == "string_bytes");
    CHECK(exceeded_limit(ParseFailure::malformed).empty());
}

TEST_CASE("an error says where reading stopped") {
    auto document = parse_strictly("[1,2,x]", limits);
    REQUIRE_FALSE(document);
    CHECK(document.error().byte == 6);
}

TEST_CASE("a document that was moved from can be destroyed") {
    auto document = parse_strictly("[{}]", limits);
    REQUIRE(document);
    const ReceivedDocument other = std::move(*document);
    CHECK(other.root().size() == 1);
}
