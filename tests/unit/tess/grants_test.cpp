// SPDX-License-Identifier: BSD-3-Clause
// tess grants and tess graph beyond their examples.
#include "tests/unit/tess/bench.h"
#include "tools/tess-cli/output/json_view.h"

#include <catch2/catch.hpp>

#include <format>

using namespace tessera::tess;

namespace {

std::string last_line(const std::string& text) {
    const auto end = text.size() - 1;
    const auto begin = text.rfind('\n', end - 1) + 1;
    return text.substr(begin, end - begin);
}

} // namespace

TEST_CASE("grants and maps of one process") {
    Bench grants;
    CHECK(grants.run({"grants", "netmgmt"}) == ExitCode::done);
    CHECK(grants.system.calls.back() == std::pair<std::string, Json>{"grant.list", Json{{"endpoint", 4102}}});
    Bench maps;
    CHECK(maps.run({"grants", "--maps", "4099"}) == ExitCode::done);
    CHECK(maps.system.calls.back() == std::pair<std::string, Json>{"grant.maps", Json{{"endpoint", 4099}}});
    Bench all;
    CHECK(all.run({"grants", "--maps", "--json"}) == ExitCode::done);
    CHECK(*parse_json(all.output.written) == all.system.replies.at("grant.maps"));
    Bench nobody;
    CHECK(nobody.run({"grants", "nobody"}) == ExitCode::refused);
    CHECK(nobody.system.calls.size() == 1);
}

TEST_CASE("a map shows the grant that was used when nothing is known of the way") {
    Bench bench;
    bench.system.replies.at("grant.maps")["items"][1]["hops"] = Json::array();
    CHECK(bench.run({"grants", "--maps"}) == ExitCode::done);
    CHECK(last_line(bench.output.written).ends_with("0x404000  netmgmt 4102 #16386"));
}

TEST_CASE("grants chain asks for one grant by its number") {
    Bench bench;
    CHECK(bench.run({"grants", "chain", "netmgmt", "16386", "--json"}) == ExitCode::done);
    CHECK(bench.system.calls.back() ==
          std::pair<std::string, Json>{"grant.get", Json{{"grantor", 4102}, {"grant", 16386}}});
    CHECK(*parse_json(bench.output.written) == bench.system.replies.at("grant.get"));
    for (const char* number : {"x", "-1", "4294967296", ""}) {
        Bench wrong;
        CHECK(wrong.run({"grants", "chain", "netmgmt", number}) == ExitCode::usage);
        CHECK(wrong.system.calls.empty());
    }
    Bench missing;
    CHECK(missing.run({"grants", "chain", "netmgmt"}) == ExitCode::usage);
}

TEST_CASE("grants chain says in words why a grant leads nowhere") {
    for (const auto& [problem, words] :
         std::map<std::string, std::string>{{"stale", "the next one ended, and its place has another grant"},
                                            {"too_many_hops", "more indirect grants in a row than the kernel follows"},
                                            {"a_new_problem", "a_new_problem"}}) {
        Bench bench;
        Json& grant = bench.system.replies.at("grant.get");
        grant["memory"] = nullptr;
        grant["chain"] = Json::array();
        grant["problem"] = problem;
        CHECK(bench.run({"grants", "chain", "netmgmt", "1"}) == ExitCode::done);
        CHECK(last_line(bench.output.written) == "leads nowhere: " + words);
    }
}

TEST_CASE("graph wants to know what to draw") {
    Bench bench;
    CHECK(bench.run({"graph"}) == ExitCode::usage);
    CHECK(bench.output.noted.contains("tess graph --grants"));
    CHECK(bench.system.calls.empty());
}

TEST_CASE("graph draws grants and maps as a picture") {
    Bench bench;
    CHECK(bench.run({"graph", "--grants", "--svg"}) == ExitCode::done);
    CHECK(bench.output.written.starts_with("<svg "));
    CHECK(bench.output.written.contains("netmgmt 4102 \u2192 ds 4099: 1 direct grant of 256 B, read, 12 uses<"));
    CHECK(bench.output.written.contains("e1000 4101 \u2192 anybody: 1 direct grant of 16 KiB"));
    CHECK(bench.output.written.contains("1 indirect grant of 4 KiB from shell 4110, read+try_only, 6 uses<"));
    CHECK(bench.output.written.contains("1 magic grant of 512 B of shell 4110, write, 2 uses<"));
    CHECK(bench.output.written.contains("shell 4110 \u2192 e1000 4101: 1 map of 4 KiB, read<"));
    CHECK(bench.output.noted.empty());
}

TEST_CASE("graph says what had no room, and takes edges between nodes that it was not told of") {
    Bench bench;
    Json& graph = bench.system.replies.at("grant.graph");
    graph["left_out"] = 1234;
    graph["nodes"] = Json::array();
    graph["grants"][0]["kind"] = "a new kind";
    CHECK(bench.run({"graph", "--grants"}) == ExitCode::done);
    CHECK(bench.output.noted == "-- 1,234 grants and maps had no room in the graph\n");
    CHECK(bench.output.written.contains("[label=\"4102\"]"));
    CHECK(bench.output.written.contains("1 a new kind grant of 16 KiB"));
}

TEST_CASE("--json of graph is the graph of the system") {
    Bench bench;
    CHECK(bench.run({"graph", "--grants", "--svg", "--json"}) == ExitCode::done);
    CHECK(*parse_json(bench.output.written) == bench.system.replies.at("grant.graph"));
}
