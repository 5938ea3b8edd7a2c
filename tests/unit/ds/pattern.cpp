// SPDX-License-Identifier: BSD-3-Clause
#include "servers/ds/pattern.h"
#include <catch2/catch.hpp>
#include <string>

using namespace tessera;
using ds::Pattern;

namespace {

bool matches(std::string_view pattern, std::string_view key) {
    auto compiled = Pattern::compile(pattern);
    REQUIRE(compiled.has_value());
    return compiled->matches(key);
}

} // namespace

TEST_CASE("a pattern matches whole keys only") {
    CHECK(matches("net\\..*", "net.address"));
    CHECK(matches("a|ab|abc", "abc"));
    CHECK(matches("[0-9]+", "123"));
    CHECK(!matches("net", "net.address"));
    CHECK(!matches("net", "the net"));
    CHECK(!matches("[0-9]+", "123a"));
    CHECK(!matches("b", "abc"));
}

TEST_CASE("alternatives do not break out of the anchors") {
    CHECK(Pattern::compile("a)|(b").status() == Status::invalid);
    CHECK(!matches("a|b", "axxx"));
    CHECK(!matches("a|b", "xxxb"));
}

TEST_CASE("bad and exploding patterns are refused") {
    CHECK(Pattern::compile("(").status() == Status::invalid);
    CHECK(Pattern::compile("[a").status() == Status::invalid);
    CHECK(Pattern::compile("((a{200}){200}){200}").status() == Status::invalid);
    CHECK(matches("a{3}", "aaa"));
}
