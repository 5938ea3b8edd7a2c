// SPDX-License-Identifier: BSD-3-Clause
// tess fault kill: recovery over a good, a broken and a lost connection; the check of memory and data store.
#include "tests/unit/tess/bench.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/verbs/belongings.h"

#include <catch2/catch.hpp>

using namespace tessera::tess;

namespace {

Json document_in(const std::string& text) {
    auto value = parse_json(text);
    REQUIRE(value);
    return *value;
}

Json& service(Bench& bench, const std::string& label) {
    for (Json& entry : bench.system.replies.at("service.list")["items"]) {
        if (text(entry, "label") == label) return entry;
    }
    throw std::logic_error("no such service in the golden file");
}

Json& free_pages(Bench& bench) { return bench.system.replies.at("vm.stats")["free_pages"]; }

} // namespace

TEST_CASE("twenty rounds are twenty recoveries") {
    Bench bench;
    CHECK(bench.run({"fault", "kill", "ds", "--times", "20", "--check", "--json"}) == ExitCode::done);
    const Json document = document_in(bench.output.written);
    CHECK(document.at("recovered") == true);
    REQUIRE(document.at("rounds").size() == 20);
    CHECK(document.at("rounds").at(19).at("old_endpoint") == 4099 + 19 * 4096);
    CHECK(document.at("rounds").at(19).at("new_endpoint") == 4099 + 20 * 4096);
    CHECK(document.at("rounds").at(19).at("restarts_after") == 20);
    CHECK(document.at("check").at("passed") == true);
    CHECK(document.at("check").at("differences").empty());
}

TEST_CASE("a connection that is lost with the service is made anew") {
    Bench bench;
    bench.system.after_call = [&bench](const std::string& method) {
        if (method == "fault.arm") {
            bench.system.failures.emplace("service.list", Failure{ExitCode::no_connection, "lost", "", {}});
            bench.system.refuse_connections = 3;
        } else if (method == "service.list") {
            bench.system.failures.erase("service.list");
        }
    };
    CHECK(bench.run({"fault", "kill", "netmgmt", "--json"}) == ExitCode::done);
    const Json round = document_in(bench.output.written).at("rounds").at(0);
    CHECK(round.at("new_endpoint") == 4102 + 4096);
    CHECK(round.at("reconnects") == 1);
    CHECK(bench.system.connections == 2);
    CHECK(round.at("gap_ms").get<double>() > 60); // three refused attempts with pauses lie in it
}

TEST_CASE("a server that is unavailable for a moment does not end the watch") {
    Bench bench;
    unsigned refused_times = 0;
    bench.system.after_call = [&](const std::string& method) {
        if (method == "fault.arm") {
            bench.system.failures.emplace("service.list", Failure{ExitCode::refused, "wait", "", -31003});
        } else if (method == "service.list" && ++refused_times == 5) {
            bench.system.failures.erase("service.list");
        }
    };
    CHECK(bench.run({"fault", "kill", "ds"}) == ExitCode::done);
    CHECK(bench.system.connections == 1);
}

TEST_CASE("a service that does not come back is a failure after the deadline") {
    Bench bench;
    bench.system.restarts_work = false;
    CHECK(bench.run({"fault", "kill", "ds", "--recovery", "2", "--json"}) == ExitCode::refused);
    CHECK(document_in(bench.output.written).at("recovered") == false);
    CHECK(bench.output.noted.contains("did not come back in time"));
}

TEST_CASE("a service that RS gave up is a failure at once") {
    Bench bench;
    bench.system.after_restart = [&bench] {
        service(bench, "ds")["state"] = "failed";
        service(bench, "ds")["endpoint"] = nullptr;
    };
    CHECK(bench.run({"fault", "kill", "ds"}) == ExitCode::refused);
    CHECK(bench.output.noted.contains("will not come back"));
    CHECK(bench.system.calls.size() < 10);
}

TEST_CASE("a service that is being restarted is waited for") {
    Bench bench;
    int left = 3;
    bench.system.after_restart = [&] {
        service(bench, "ds")["state"] = "restarting";
        bench.system.after_call = [&](const std::string&) {
            if (--left == 0) service(bench, "ds")["state"] = "running";
        };
    };
    CHECK(bench.run({"fault", "kill", "ds", "--json"}) == ExitCode::done);
    CHECK(document_in(bench.output.written).at("rounds").at(0).at("new_endpoint") == 8195);
}

TEST_CASE("the gap of a hang begins when the fault fired, not when the hang was noticed") {
    Bench bench;
    // The service goes on "running" under its old endpoint while fault.list says that the fault fired.
    bench.system.fuse = std::chrono::seconds{2};
    bench.system.replies.at("fault.list")["items"] =
        Json::array({{{"fault", 3}, {"target", "ds"}, {"model", "hang"}, {"state", "fired"}}});
    CHECK(bench.run({"fault", "kill", "ds", "--model", "hang", "--json"}) == ExitCode::done);
    CHECK(document_in(bench.output.written).at("rounds").at(0).at("gap_ms").get<double>() > 1900);
}

TEST_CASE("a fault that could not be injected ends the watch") {
    Bench bench;
    bench.system.fuse = std::chrono::hours{1};
    bench.system.replies.at("fault.list")["items"] = Json::array({{{"fault", 3}, {"state", "failed"}}});
    CHECK(bench.run({"fault", "kill", "ds"}) == ExitCode::refused);
    CHECK(bench.output.noted.contains("could not be injected"));
}

TEST_CASE("a label that is not there is refused with those that are") {
    Bench bench;
    CHECK(bench.run({"fault", "kill", "nobody"}) == ExitCode::refused);
    CHECK(bench.output.noted.contains("vm ds e1000 netmgmt"));
    CHECK(bench.output.written.empty());
}

TEST_CASE("lost memory fails the check, within the tolerance it does not") {
    for (const bool tolerated : {false, true}) {
        Bench bench;
        bench.system.after_restart = [&bench] { free_pages(bench) = 11998; };
        std::vector<std::string> words{"fault", "kill", "ds", "--check"};
        if (tolerated) words.insert(words.end(), {"--tolerance", "3"});
        CHECK(bench.run(words) == (tolerated ? ExitCode::done : ExitCode::refused));
        CHECK(bench.output.written.contains("free pages: 12001 before, 11998 after: 3 lost\n") == !tolerated);
    }
}

TEST_CASE("memory that a living process holds now is not lost") {
    Bench bench;
    bench.system.after_restart = [&bench] {
        free_pages(bench) = 12000;
        bench.system.resident_pages = {{"netmgmt", 61 + 2}, {"idle", 61 - 1}};
    };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::done);
    CHECK(bench.output.written.contains("free pages 12001 -> 12000 (idle -1, netmgmt +2), data store entries 4 -> 4: "
                                        "nothing lost\n"));
}

TEST_CASE("growth explains only as much as it is") {
    Bench bench;
    bench.system.after_restart = [&bench] {
        free_pages(bench) = 11990;
        bench.system.resident_pages["netmgmt"] = 61 + 3;
    };
    CHECK(bench.run({"fault", "kill", "ds", "--check", "--json"}) == ExitCode::refused);
    const Json check = document_in(bench.output.written).at("check");
    CHECK(check.at("passed") == false);
    CHECK(check.at("lost_pages") == 8);
    CHECK(check.at("growth") == Json::array({{{"process", "netmgmt"}, {"pages", 3}}}));
    CHECK(check.at("differences") ==
          Json::array({"free pages: 12001 before, 11990 after: 8 lost, 3 are netmgmt's growth"}));
}

TEST_CASE("memory that a process gave back and that is not free is lost") {
    Bench bench;
    bench.system.after_restart = [&bench] { bench.system.resident_pages["netmgmt"] = 60; };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::refused);
    CHECK(bench.output.written.contains("12001 before, 12001 after: 1 lost, 1 came back from netmgmt\n"));
}

TEST_CASE("a page that is both free and held fails the check") {
    Bench bench;
    bench.system.after_restart = [&bench] { bench.system.resident_pages["netmgmt"] = 62; };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::refused);
    CHECK(bench.output.written.contains("12001 before, 12001 after: 1 more, 1 is netmgmt's growth\n"));
}

TEST_CASE("the records that VM takes for itself are its growth") {
    Bench bench;
    bench.system.after_restart = [&bench] {
        free_pages(bench) = 12000;
        bench.system.replies.at("vm.stats")["vm_own_pages"] = 151;
    };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::done);
    CHECK(bench.output.written.contains("12001 -> 12000 (vm +1),"));
}

TEST_CASE("a restarted service must do with the memory it had, but for the tolerance") {
    for (const bool tolerated : {false, true}) {
        Bench bench;
        bench.system.after_restart = [&bench] {
            free_pages(bench) = 11996;
            bench.system.resident_pages["ds"] = 61 + 5;
        };
        const auto exit_code = bench.run({"fault", "kill", "ds", "--check", "--tolerance", tolerated ? "5" : "4"});
        CHECK(exit_code == (tolerated ? ExitCode::done : ExitCode::refused));
        CHECK(bench.output.written.contains("11996 (ds +5),"));
        CHECK(bench.output.written.contains("pages of ds: 65 before its restart, 70 after\n") == !tolerated);
        CHECK(!bench.output.written.contains("lost, 5"));
    }
}

TEST_CASE("memory of a process that ended is free or lost") {
    for (const bool freed : {true, false}) {
        Bench bench;
        bench.system.after_restart = [&bench, freed] {
            bench.system.ended = {"idle"}; // process.list still shows it
            if (freed) free_pages(bench) = 12001 + 65;
        };
        CHECK(bench.run({"fault", "kill", "ds", "--check"}) == (freed ? ExitCode::done : ExitCode::refused));
        CHECK(bench.output.written.contains(freed ? "12066 (idle -65)" : "65 lost, 65 came back from idle"));
    }
}

TEST_CASE("memory that moves while it is counted is counted again") {
    Bench bench;
    unsigned asked = 0;
    bench.system.after_call = [&](const std::string& method) {
        // Between the first vm.stats and the first vm.process, a process takes two pages.
        if (method != "vm.stats" || ++asked != 1) return;
        free_pages(bench) = 11999;
        bench.system.resident_pages["netmgmt"] = 63;
    };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::done);
    CHECK(bench.output.written.contains("free pages 11999 -> 11999, data"));
}

TEST_CASE("memory that always moves is counted a few times only") {
    Bench bench;
    bench.system.after_call = [&](const std::string& method) {
        if (method == "vm.stats") free_pages(bench) = free_pages(bench).get<int>() - 1;
    };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::refused);
    CHECK(bench.output.written.contains(" lost\n"));
}

TEST_CASE("a count of pages that cannot be is a malformed answer") {
    for (const Json& strange : {Json(nullptr), Json(-1), Json("18446744073709551615")}) {
        for (const char* name : {"free_pages", "vm_own_pages", "resident_pages", "page_table_pages"}) {
            INFO(name << " " << strange);
            Bench bench;
            for (const char* method : {"vm.stats", "vm.process"}) bench.system.replies.at(method)[name] = strange;
            CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::no_connection);
            CHECK(bench.output.noted.contains(name));
        }
    }
}

TEST_CASE("memory that comes back a little later is not lost") {
    Bench bench;
    int left = 10;
    bench.system.after_restart = [&] {
        free_pages(bench) = 11000;
        bench.system.after_call = [&](const std::string& method) {
            if (method == "vm.stats" && --left == 0) free_pages(bench) = 12001;
        };
    };
    CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::done);
}

TEST_CASE("a lost data-store entry fails the check") {
    Bench bench;
    bench.system.after_restart = [&bench] { bench.system.replies.at("ds.list")["items"].erase(0); };
    CHECK(bench.run({"fault", "kill", "ds", "--check", "--json"}) == ExitCode::refused);
    const Json check = document_in(bench.output.written).at("check");
    CHECK(check.at("passed") == false);
    CHECK(check.at("differences").at(0) == "data store: string boot.console is gone");
}

TEST_CASE("differences of the data store are judged by owner and label") {
    const ServiceView old_service{"ds", 4099, "running", 0, ""};
    const ServiceView new_service{"ds", 8195, "running", 1, ""};
    const Belongings before{{100, {}}, {{"label ds", {"rs", "4099"}}, {"u32 a", {"ds", "1"}}, {"u32 b", {"vm", "1"}}}};
    const auto judged = [&](Belongings after) { return differences(before, after, old_service, new_service, 0); };
    auto after = before;
    CHECK(judged(after).empty());
    after.entries["label ds"].value = "8195"; // the label follows its bearer
    after.entries["u32 a"].value = "2";       // the service published anew
    CHECK(judged(after).empty());
    after.entries["label ds"].value = "4100"; // a stranger bears the label
    CHECK(judged(after).size() == 1);
    after = before;
    after.entries["u32 b"].value = "2";
    CHECK(judged(after).size() == 1);
    after = before;
    after.entries["u32 b"].owner = "ds";
    CHECK(judged(after).size() == 1);
    after = before;
    after.entries["u32 c"] = {"vm", "9"};
    CHECK(judged(after).size() == 1);
    after = before;
    after.memory.free_pages = 101;
    CHECK(judged(after).front().contains("1 more"));
}
