// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/manual/method_manual.h"

#include "netmgmt/methods/method_table.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace tessera::netmgmt;

TEST_CASE("docs/protocol.md is what the method tables say; else run netmgmt-manual docs/protocol.md") {
    const char* root = std::getenv("TESSERA_SOURCE_ROOT");
    REQUIRE(root != nullptr);
    std::ifstream input(std::string(root) + "/docs/protocol.md");
    const std::string document{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    const auto updated = with_manual(document, method_manual(all_methods()));
    REQUIRE(updated);
    CHECK(*updated == document);
}

TEST_CASE("the manual goes between its marks") {
    const std::string marks = std::string(manual_begin) + "old\n" + std::string(manual_end);
    CHECK(with_manual("before\n" + marks + "after\n", "new\n") ==
          "before\n" + std::string(manual_begin) + "new\n" + std::string(manual_end) + "after\n");
    CHECK_FALSE(with_manual("before\n" + std::string(manual_end), "new\n"));
}

TEST_CASE("the manual names every method, parameter and error") {
    const auto manual = method_manual(all_methods());
    for (auto methods : all_methods()) {
        for (const auto& method : methods) {
            INFO(method.text.name);
            CHECK(manual.contains("#### `" + std::string(method.text.name) + "`"));
            for (const auto& member : method.parameters->members)
                CHECK(manual.contains("| `" + std::string(member.name) + "` |"));
        }
    }
    CHECK(manual.contains("| `trigger.milliseconds` | integer 0 to 60000 | default `20` | from now |"));
    CHECK(manual.contains("| `items[].state` | `\"running\"`"));
    CHECK(manual.contains("| `memory` | object or null |"));
    CHECK(manual.contains("| `memory.owner` | integer 0 to 4294967295 |"));
}
