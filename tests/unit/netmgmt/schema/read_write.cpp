// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/json/strict_parser.h"
#include "netmgmt/limits.h"
#include "netmgmt/schema/json_schema.h"
#include "netmgmt/schema/read.h"
#include "netmgmt/schema/write.h"

#include <catch2/catch.hpp>

namespace tessera::netmgmt {

enum class Colour : std::uint8_t { red, green };

template <> struct EnumNames<Colour> {
    static constexpr std::array<std::string_view, 2> names{"red", "green"};
};

struct Inner {
    std::uint32_t number = 7;
};

template <> struct Shape<Inner> {
    static constexpr std::tuple members{optional_member("number", &Inner::number, "a number", Bounds{1, 10})};
};

struct Sample {
    std::string name;
    Colour colour = Colour::red;
    std::optional<EndpointNumber> endpoint;
    std::vector<std::string> words;
    std::variant<std::uint32_t, std::string> value;
    Inner inner;
    Sequence since;
    bool flag = true;
};

template <> struct Shape<Sample> {
    static constexpr std::tuple members{
        member("name", &Sample::name, "", Bounds{1, 4}),    optional_member("colour", &Sample::colour, "one of two"),
        optional_member("endpoint", &Sample::endpoint, ""), optional_member("words", &Sample::words, "", Bounds{1, 2}),
        optional_member("value", &Sample::value, ""),       optional_member("inner", &Sample::inner, ""),
        optional_member("since", &Sample::since, ""),       optional_member("flag", &Sample::flag, ""),
    };
};

struct Shown {
    std::optional<std::string> maybe;
    std::optional<std::string> omitted;
    Number<PagesTag> pages;
    Address address;
    std::vector<std::pair<std::string, Counter>> counters;
};

template <> struct Shape<Shown> {
    static constexpr std::tuple members{
        member("maybe", &Shown::maybe, ""),       optional_member("omitted", &Shown::omitted, ""),
        member("pages", &Shown::pages, ""),       member("address", &Shown::address, ""),
        member("counters", &Shown::counters, ""),
    };
};

namespace {

std::expected<Sample, ReadError> read(std::string_view text) {
    auto document = parse_strictly(text, {limits::nesting, limits::values, limits::string_bytes});
    REQUIRE(document);
    return read_parameters<Sample>(document->root());
}

/// "member: reason" of what is wrong; empty when it is right.
std::string verdict(std::string_view text) {
    auto sample = read(text);
    return sample ? std::string() : sample.error().member + ": " + sample.error().reason;
}

template <class T> std::string written(const T& value) {
    BoundedText text(2000);
    JsonWriter out(text);
    write_value(out, value);
    return std::string(text.view());
}

} // namespace

TEST_CASE("parameters are read, and left-out members get their defaults") {
    auto sample = read(R"({"name":"n","colour":"green","endpoint":5,"words":["a","b"],"value":"v",)"
                       R"("inner":{"number":3},"since":"18446744073709551615","flag":false})");
    REQUIRE(sample);
    CHECK(sample->name == "n");
    CHECK(sample->colour == Colour::green);
    CHECK(sample->endpoint == EndpointNumber{5});
    CHECK(sample->words == std::vector<std::string>{"a", "b"});
    CHECK(std::get<std::string>(sample->value) == "v");
    CHECK(sample->inner.number == 3);
    CHECK(sample->since.value == 18446744073709551615U);
    CHECK_FALSE(sample->flag);

    auto least = read(R"({"name":"n"})");
    REQUIRE(least);
    CHECK(least->colour == Colour::red);
    CHECK_FALSE(least->endpoint);
    CHECK(least->inner.number == 7);
    CHECK(least->flag);
}

TEST_CASE("what is wrong with parameters is named") {
    CHECK(verdict("[]") == ": must be an object");
    CHECK(verdict("{}") == "name: is missing");
    CHECK(verdict(R"({"name":"n","other":1})") == "other: is unknown");
    CHECK(verdict(R"({"name":1})") == "name: must be a string");
    CHECK(verdict(R"({"name":""})") == "name: must have 1 to 4 bytes");
    CHECK(verdict(R"({"name":"abcd"})") == "");
    CHECK(verdict(R"({"name":"abcde"})") == "name: must have 1 to 4 bytes");
    CHECK(verdict(R"({"name":"a\u0000"})") == "name: must not contain NUL");
    CHECK(verdict(R"({"name":"n","colour":"blue"})") == "colour: must be one of: red, green");
    CHECK(verdict(R"({"name":"n","colour":0})") == "colour: must be one of: red, green");
    CHECK(verdict(R"({"name":"n","endpoint":null})") == "endpoint: must be an integer from 0 to 4294967295");
    CHECK(verdict(R"({"name":"n","endpoint":4294967295})") == "");
    CHECK(verdict(R"({"name":"n","endpoint":4294967296})") == "endpoint: must be an integer from 0 to 4294967295");
    CHECK(verdict(R"({"name":"n","endpoint":-1})") == "endpoint: must be an integer from 0 to 4294967295");
    CHECK(verdict(R"({"name":"n","endpoint":1.0})") == "endpoint: must be an integer from 0 to 4294967295");
    CHECK(verdict(R"({"name":"n","endpoint":1e2})") == "endpoint: must be an integer from 0 to 4294967295");
    CHECK(verdict(R"({"name":"n","words":[]})") == "words: must have 1 to 2 elements");
    CHECK(verdict(R"({"name":"n","words":["a","b","c"]})") == "words: must have 1 to 2 elements");
    CHECK(verdict(R"({"name":"n","words":["a",1]})") == "words: must be a string");
    CHECK(verdict(R"({"name":"n","words":"a"})") == "words: must be an array");
    CHECK(verdict(R"({"name":"n","value":true})") == "value: must be an integer or a string");
    CHECK(verdict(R"({"name":"n","value":4294967296})") == "value: must be an integer from 0 to 4294967295");
    CHECK(verdict(R"({"name":"n","inner":{"number":11}})") == "inner.number: must be an integer from 1 to 10");
    CHECK(verdict(R"({"name":"n","inner":{"x":1}})") == "inner.x: is unknown");
    CHECK(verdict(R"({"name":"n","inner":3})") == "inner: must be an object");
    CHECK(verdict(R"({"name":"n","since":3})") == "since: must be a string of decimal digits below 2^64");
    CHECK(verdict(R"({"name":"n","since":""})") == "since: must be a string of decimal digits below 2^64");
    CHECK(verdict(R"({"name":"n","since":"007"})") == "since: must be a string of decimal digits below 2^64");
    CHECK(verdict(R"({"name":"n","since":"-1"})") == "since: must be a string of decimal digits below 2^64");
    CHECK(verdict(R"({"name":"n","since":"1x"})") == "since: must be a string of decimal digits below 2^64");
    CHECK(verdict(R"({"name":"n","since":"18446744073709551616"})") ==
          "since: must be a string of decimal digits below 2^64");
    CHECK(verdict(R"({"name":"n","flag":1})") == "flag: must be true or false");
}

TEST_CASE("a long unknown name is clipped") {
    const std::string name(1000, 'x');
    CHECK(verdict(R"({"name":"n",")" + name + R"(":1})") == std::string(64, 'x') + ": is unknown");
}

TEST_CASE("results show each type as the schema says") {
    const Shown shown{.pages = {3}, .address = {0xfee00000}, .counters = {{"a", {9007199254740993}}}};
    CHECK(written(shown) == R"({"maybe":null,"pages":3,"address":"0xfee00000","counters":{"a":"9007199254740993"}})");
}

TEST_CASE("fields choose members") {
    BoundedText text(200);
    JsonWriter out(text);
    write_value(out, Shown{.pages = {3}}, FieldSet(0b00100));
    CHECK(text.view() == R"({"pages":3})");
}

TEST_CASE("a schema is a JSON Schema of the same members") {
    BoundedText text(5000);
    JsonWriter out(text);
    write_json_schema(out, SchemaOf<Sample>::value);
    CHECK(text.view() ==
          R"({"type":"object","properties":{)"
          R"("name":{"type":"string","minLength":1,"maxLength":4},)"
          R"("colour":{"type":"string","enum":["red","green"],"description":"one of two","default":"red"},)"
          R"("endpoint":{"type":"integer","minimum":0,"maximum":4294967295},)"
          R"("words":{"type":"array","items":{"type":"string","maxLength":4096},"minItems":1,"maxItems":2},)"
          R"("value":{"anyOf":[{"type":"integer","minimum":0,"maximum":4294967295},)"
          R"({"type":"string","maxLength":4096}]},)"
          R"("inner":{"type":"object","properties":{"number":{"type":"integer","minimum":1,"maximum":10,)"
          R"("description":"a number","default":7}},"required":[],"additionalProperties":false},)"
          R"("since":{"type":"string","pattern":"^(0|[1-9][0-9]{0,19})$","default":"0"},)"
          R"("flag":{"type":"boolean","default":true}},)"
          R"("required":["name"],"additionalProperties":false})");
}

} // namespace tessera::netmgmt
