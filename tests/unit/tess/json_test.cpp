// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/json.h"

#include "tools/tess-cli/output/json_view.h"

#include <catch2/catch.hpp>

#include <format>

using namespace tessera::tess;

namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string object_with(std::size_t members) {
    std::string text = "{";
    for (std::size_t number = 0; number < members; ++number) {
        text += std::format("{}\"{}\":0", number == 0 ? "" : ",", number);
    }
    return text + "}";
}

} // namespace

TEST_CASE("nesting is limited on both sides of the limit") {
    CHECK(parse_json(nested(json_depth_limit)));
    CHECK(parse_json(nested(json_depth_limit + 1)).error() == "nested deeper than 64 levels");
    CHECK(!parse_json(std::string(1'000'000, '[')));
    CHECK(!parse_json(std::string(1'000'000, '{')));
}

TEST_CASE("members of one object are limited on both sides of the limit") {
    CHECK(parse_json(object_with(json_members_limit)));
    CHECK(!parse_json(object_with(json_members_limit + 1)));
}

TEST_CASE("brackets and quotes inside strings do not count") {
    CHECK(parse_json("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\""));
    CHECK(parse_json(R"({"a:::::": "}}}}"})"));
}

TEST_CASE("malformed JSON is an error, never an exception") {
    for (const char* text : {"", " ", "{", "}", "nul", "1e999", "{\"a\":1}x", "\"\\ud800\"", "\"\x80\"", "\"\xc0\xaf\"",
                             "[1,]", "{\"a\"}", "\x01", "'a'", "NaN", "-", "\"", "\"\\"}) {
        INFO(text);
        CHECK(!parse_json(text));
    }
}

TEST_CASE("printed JSON is ASCII without control characters") {
    const auto value = parse_json("{\"b\": \"\xc2\x9b"
                                  "31m\\u001b[0m\x7f \xe2\x80\xae\xf0\x9f\x98\x80\", \"a\": 1}");
    REQUIRE(value);
    CHECK(compact(*value) == R"({"b":"\u009b31m\u001b[0m\u007f \u202e\ud83d\ude00","a":1})");
    CHECK(indented(*value).starts_with("{\n  \"b\": "));
}

TEST_CASE("64-bit numbers come as integers or decimal strings") {
    CHECK(number_of(Json(7)) == 7u);
    CHECK(number_of(Json("18446744073709551615")) == 18446744073709551615u);
    for (const Json& value : {Json(-1), Json("-1"), Json("18446744073709551616"), Json("12x"), Json(""), Json(" 1"),
                              Json(1.5), Json(true), Json(nullptr), Json::array({1})}) {
        INFO(value);
        CHECK(!number_of(value));
    }
}

TEST_CASE("a missing or ill-typed member shows as a dash or as JSON") {
    const Json object{{"text", "word"}, {"null", nullptr}, {"list", {1, 2}}, {"number", "1234567"}};
    CHECK(text(object, "text") == "word");
    CHECK(text(object, "null") == "-");
    CHECK(text(object, "absent") == "-");
    CHECK(text(object, "list") == "[1,2]");
    CHECK(text(Json(3), "text") == "-");
    CHECK(grouped_text(object, "number") == "1,234,567");
    CHECK(grouped_text(object, "text") == "word");
    CHECK(duration_text(Json{{"t", "18446744073709551615"}}, "t") == "18446744073709551615");
    CHECK(items_of(Json{{"items", 3}}).empty());
    CHECK(joined(object, "list", "+") == "1+2");
    CHECK(joined(object, "text", "+") == "-");
}
