// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/tess/bench.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace tessera::tess;

namespace {

Json document_of(const Bench& bench) {
    auto document = parse_json(bench.output.written);
    REQUIRE(document);
    return *document;
}

std::string verdict(const Json& document, const std::string& check) {
    for (const Json& finding : document.at("checks")) {
        if (finding.at("check") == check) return finding.at("verdict");
    }
    return "not made";
}

} // namespace

TEST_CASE("doctor says that nothing is there and what to do") {
    Bench bench;
    bench.system.refuse_connections = 1;
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::no_connection);
    const Json document = document_of(bench);
    CHECK(verdict(document, "connection") == "failed");
    CHECK(verdict(document, "ping") == "not made");
    CHECK(document.at("checks").back().at("advice") == "have patience");
}

TEST_CASE("doctor tells a state file whose process is gone") {
    Bench bench;
    bench.host.running = {{"7601.json", 99, 7601, "bochs", "then", Liveness::gone}};
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::done);
    CHECK(verdict(document_of(bench), "state files") == "warning");
}

TEST_CASE("doctor stops at another protocol") {
    Bench bench;
    bench.system.hello.protocol = 2;
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::no_connection);
    CHECK(verdict(document_of(bench), "protocol") == "failed");
    CHECK(bench.system.calls.empty());
}

TEST_CASE("doctor asks a locked system only what it answers") {
    Bench bench;
    bench.system.hello.mode = "locked";
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::done);
    CHECK(verdict(document_of(bench), "mode") == "warning");
    CHECK(bench.system.calls.size() == 1);
}

TEST_CASE("doctor finds a method that refuses, one that is missing and a member that is missing") {
    Bench bench;
    bench.system.failures.emplace("vm.stats", Failure{ExitCode::refused, "vm.stats: no", "", -31003});
    bench.system.replies.at("rpc.discover")["methods"].erase(0);
    bench.system.replies.at("ds.list")["items"][2].erase("owner");
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::refused);
    const Json document = document_of(bench);
    CHECK(verdict(document, "vm.stats") == "failed");
    CHECK(verdict(document, "rpc.discover") == "failed");
    CHECK(verdict(document, "ds.list") == "failed");
    CHECK(verdict(document, "clock") == "ok");
    CHECK(document.at("failed") == 3);
}

TEST_CASE("doctor warns of a service that does not run") {
    Bench bench;
    bench.system.replies.at("service.list")["items"][1]["state"] = "restarting";
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::done);
    CHECK(verdict(document_of(bench), "services") == "warning");
}

TEST_CASE("doctor finds a clock that stands still") {
    Bench bench;
    bench.system.uptime_moves = false;
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::refused);
    CHECK(verdict(document_of(bench), "clock") == "failed");
}

TEST_CASE("doctor ends its visit when the connection is lost") {
    Bench bench;
    bench.system.failures.emplace("ds.list", Failure{ExitCode::timeout, "ds.list: no answer in time", "", {}});
    CHECK(bench.run({"doctor", "--json"}) == ExitCode::timeout);
    CHECK(verdict(document_of(bench), "ds.list") == "failed");
    CHECK(verdict(document_of(bench), "grant.list") == "not made");
}
