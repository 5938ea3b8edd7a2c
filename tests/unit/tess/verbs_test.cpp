// SPDX-License-Identifier: BSD-3-Clause
// What the verbs do beyond their examples: paging, choosing, refusing, strange answers.
#include "tests/unit/tess/bench.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <catch2/catch.hpp>

#include <format>

using namespace tessera::tess;

namespace {

Json one_line_document(const std::string& text) {
    INFO(text);
    REQUIRE(std::ranges::count(text, '\n') == 1);
    auto value = parse_json(text);
    REQUIRE(value);
    return *value;
}

Failure refusal_with(std::int64_t code) { return {ExitCode::refused, "refused", "", code}; }

const std::vector<const char*> strange_answers{
    "null",
    "true",
    "17",
    "-1",
    "1.5",
    "\"text\"",
    "[]",
    "{}",
    "[[1],{}]",
    R"({"items":null})",
    R"({"items":7,"next":7})",
    R"({"items":[null,1,"x",[],{}],"next":null})",
    R"({"items":[{"endpoint":{},"name":[],"label":1,"io_ports":3}],"next":null})",
    R"({"models":5,"calls":[],"methods":"x","privileges":[1],"machine":7,"boot":"b"})",
    R"({"methods":[1,{"params":[3,{"name":{}}]}],"models":[null],"calls":{"a":{}}})",
    R"({"privileges":{"io_ports":[7],"memory":{"a":1},"send_to":[{}]}})",
    R"({"nanoseconds":"99999999999999999999","page_bytes":"18446744073709551615","free_pages":-5})",
    R"({"page_bytes":"18446744073709551615","total_pages":"18446744073709551615"})"};

const std::vector<std::vector<std::string>> verbs_that_ask{{"ps"},
                                                           {"ps", "ds"},
                                                           {"vm"},
                                                           {"vm", "ds"},
                                                           {"vm", "shares"},
                                                           {"vm", "share-runs"},
                                                           {"vm", "free"},
                                                           {"ds"},
                                                           {"ds", "get", "k"},
                                                           {"ds", "publish", "k", "v"},
                                                           {"ds", "read", "k"},
                                                           {"ds", "snapshot", "k"},
                                                           {"grants"},
                                                           {"grants", "--maps"},
                                                           {"grants", "chain", "ds", "7"},
                                                           {"graph", "--grants"},
                                                           {"graph", "--grants", "--svg"},
                                                           {"service"},
                                                           {"service", "restart", "ds"},
                                                           {"log"},
                                                           {"fault", "models"},
                                                           {"fault", "list"},
                                                           {"fault", "arm", "ds", "kill"},
                                                           {"fault", "disarm", "1"},
                                                           {"fault", "kill", "ds", "--check", "--recovery", "1"},
                                                           {"counters"},
                                                           {"info"},
                                                           {"uptime"},
                                                           {"discover"},
                                                           {"doctor"},
                                                           {"shutdown"},
                                                           {"reboot"},
                                                           {"call", "vm.stats"}};

void give_strange_answer(const std::vector<std::string>& words, const char* answer, bool json) {
    INFO(words.front() << " <- " << answer);
    Bench bench;
    for (auto& [method, reply] : bench.system.replies) {
        if (method != "process.list" || words.size() < 2) reply = *parse_json(answer);
    }
    auto arguments = words;
    if (json) arguments.emplace_back("--json");
    const ExitCode exit_code = bench.run(arguments);
    CHECK((exit_code != ExitCode::done || !bench.output.written.empty()));
    CHECK(!bench.output.written.contains('\x1b'));
}

/// Every n-th pair of an answer and a verb.
void give_strange_answers(unsigned every) {
    unsigned pair = 0;
    for (const char* answer : strange_answers) {
        for (const auto& words : verbs_that_ask) {
            for (const bool json : {false, true}) {
                if (pair++ % every == 0) give_strange_answer(words, answer, json);
            }
        }
    }
}

} // namespace

TEST_CASE("--json prints exactly the result") {
    Bench bench;
    CHECK(bench.run({"vm", "--json"}) == ExitCode::done);
    CHECK(one_line_document(bench.output.written) == bench.system.replies.at("vm.stats"));
}

TEST_CASE("--json and --timeout may stand before and behind the verb") {
    for (const auto& words : std::vector<std::vector<std::string>>{{"--json", "--timeout", "3", "ds", "list"},
                                                                   {"ds", "list", "--json", "--timeout", "3"},
                                                                   {"ds", "--json", "list"}}) {
        Bench bench;
        CHECK(bench.run(words) == ExitCode::done);
        CHECK(one_line_document(bench.output.written).at("items").size() == 4);
    }
}

TEST_CASE("--json of calls that are joined has both results") {
    Bench bench;
    CHECK(bench.run({"vm", "ds", "--json"}) == ExitCode::done);
    const Json document = one_line_document(bench.output.written);
    CHECK(document.at("usage").at("resident_pages") == 61);
    CHECK(document.at("regions").size() == 4);
}

TEST_CASE("a process is found by name or endpoint") {
    Bench by_name;
    CHECK(by_name.run({"vm", "netmgmt"}) == ExitCode::done);
    CHECK(by_name.system.calls.at(1).second == Json{{"endpoint", 4102}});
    Bench by_endpoint;
    CHECK(by_endpoint.run({"grants", "4099"}) == ExitCode::done);
    CHECK(by_endpoint.system.calls.at(1).second == Json{{"endpoint", 4099}});
}

TEST_CASE("a process that is not there, or there twice, is refused with advice") {
    Bench absent;
    CHECK(absent.run({"vm", "nobody"}) == ExitCode::refused);
    CHECK(absent.output.noted.contains("tess ps"));
    Bench twice;
    twice.system.replies.at("process.list")["items"][0]["name"] = "ds";
    CHECK(twice.run({"vm", "ds"}) == ExitCode::refused);
    CHECK(twice.output.noted.contains("1, 4099"));
}

TEST_CASE("ds publish sends a number only for u32") {
    Bench string;
    CHECK(string.run({"ds", "publish", "k", "7"}) == ExitCode::done);
    CHECK(string.system.calls.at(0).second ==
          Json{{"key", "k"}, {"type", "string"}, {"value", "7"}, {"overwrite", false}});
    Bench number;
    CHECK(number.run({"ds", "publish", "k", "7", "--type", "u32", "--overwrite"}) == ExitCode::done);
    CHECK(number.system.calls.at(0).second == Json{{"key", "k"}, {"type", "u32"}, {"value", 7}, {"overwrite", true}});
    for (const char* value : {"x", "4294967296", "-1", "", "7 "}) {
        Bench wrong;
        CHECK(wrong.run({"ds", "publish", "k", value, "--type", "u32"}) == ExitCode::usage);
        CHECK(wrong.system.calls.empty());
    }
}

TEST_CASE("ds get and delete name a type only when asked to") {
    Bench without;
    CHECK(without.run({"ds", "get", "k"}) == ExitCode::done);
    CHECK(without.system.calls.at(0).second == Json{{"key", "k"}});
    Bench with;
    CHECK(with.run({"ds", "delete", "k", "--type", "label"}) == ExitCode::done);
    CHECK(with.system.calls.at(0).second == Json{{"key", "k"}, {"type", "label"}});
    Bench prefix;
    CHECK(prefix.run({"ds", "list", "net."}) == ExitCode::done);
    CHECK(prefix.system.calls.at(0).second == Json{{"prefix", "net."}});
}

TEST_CASE("ds read puts the parts together, and stops at a strange answer") {
    Bench bench;
    bench.system.replies["ds.read"] = {{"bytes", 2050}, {"contents", std::string(2048, '4')}};
    CHECK(bench.run({"ds", "read", "k", "--offset", "2", "--snapshot", "3"}) == ExitCode::done);
    REQUIRE(bench.system.calls.size() == 2);
    CHECK(bench.system.calls.at(0).second == Json{{"key", "k"}, {"offset", 2}, {"limit", 1024}, {"snapshot", 3}});
    CHECK(bench.system.calls.at(1).second.at("offset") == 1026);
    CHECK(bench.output.written.starts_with("00000002  44 44 44 44 44 44 44 44  44 44"));
    CHECK(bench.output.written.contains("|DDDDDDDDDDDDDDDD|\n"));

    Bench endless;
    endless.system.replies["ds.read"] = {{"bytes", 4'000'000'000}, {"contents", "00ff20"}};
    CHECK(endless.run({"ds", "read", "k", "--limit", "5", "--type", "map", "--json"}) == ExitCode::done);
    CHECK(endless.system.calls.size() == 2);
    Bench empty;
    empty.system.replies["ds.read"] = {{"bytes", 9}, {"contents", ""}};
    CHECK(empty.run({"ds", "read", "k"}) == ExitCode::done);
    CHECK(empty.system.calls.size() == 1);
    for (const char* digits : {"0", "zz", "0x"}) {
        Bench strange;
        strange.system.replies["ds.read"] = {{"bytes", 9}, {"contents", digits}};
        CHECK(strange.run({"ds", "read", "k"}) == ExitCode::no_connection);
    }
}

TEST_CASE("ds snapshot tells the number") {
    Bench bench;
    bench.system.replies["ds.snapshot"] = {{"snapshot", 4}};
    CHECK(bench.run({"ds", "snapshot", "k"}) == ExitCode::done);
    CHECK(bench.output.written == "snapshot 4 of k\n");
}

TEST_CASE("call takes parameters from the command line or the standard input") {
    Bench input;
    input.host.input = R"({"payload": "from input"})";
    CHECK(input.run({"call", "system.ping", "-", "--json"}) == ExitCode::done);
    CHECK(input.output.written == "{\"payload\":\"from input\"}\n");
    for (const char* wrong : {"{", "7", "\"text\"", "null", ""}) {
        Bench bench;
        CHECK(bench.run({"call", "system.ping", wrong}) == ExitCode::usage);
        CHECK(bench.system.calls.empty());
    }
}

TEST_CASE("run hands everything over to tools/run") {
    Bench bench;
    CHECK(bench.run({"run", "--on", "qemu", "--help", "ps", "--json"}) == ExitCode::refused);
    CHECK(bench.host.became == std::vector<std::string>{"tools/run", "--on", "qemu", "--help", "ps", "--json"});
    Bench with_port;
    CHECK(with_port.run({"--port", "7601", "run", "--detach"}) == ExitCode::refused);
    CHECK(with_port.host.became == std::vector<std::string>{"tools/run", "--port", "7601", "--detach"});
    Bench alone;
    CHECK(alone.run({"run"}) == ExitCode::refused);
    CHECK(alone.host.became == std::vector<std::string>{"tools/run"});
}

TEST_CASE("log follows until interrupted and shows no entry twice") {
    Bench bench;
    bench.clock.pauses_left = 3;
    CHECK(bench.run({"log", "--follow", "--json", "--source", "rs"}) == ExitCode::interrupted);
    CHECK(one_line_document(bench.output.written).at("sequence") == "3");
    CHECK(bench.system.calls.back().second == Json{{"since", "4"}});
}

TEST_CASE("log goes on after a lost connection, and from the start after a reboot") {
    Bench bench;
    bench.clock.pauses_left = 5;
    bench.system.replies.at("log.read")["items"][2]["nanoseconds"] =
        "999000000000"; // later than the uptime after the "reboot"
    unsigned reads = 0;
    bench.system.failures.erase("log.read");
    Program program{[&](const Address&) { return bench.system.connector(); }, bench.clock, bench.output, bench.host};
    bench.system.after_call = [&](const std::string& method) {
        if (method != "log.read") return;
        ++reads;
        bench.system.failures.erase("log.read");
        if (reads == 1) bench.system.failures.emplace("log.read", Failure{ExitCode::no_connection, "lost", "", {}});
    };
    CHECK(program.run({"log", "--follow"}) == ExitCode::interrupted);
    CHECK(bench.output.noted.contains("the system was rebooted"));
    CHECK(bench.system.connections == 2);
    const auto first = bench.output.written.find("no link yet");
    CHECK(bench.output.written.find("no link yet", first + 1) != std::string::npos);
}

TEST_CASE("log says how much was dropped, on the side of the words") {
    Bench bench;
    bench.system.replies.at("log.read")["dropped"] = "1234";
    CHECK(bench.run({"log"}) == ExitCode::done);
    CHECK(bench.output.noted == "-- 1,234 entries were dropped before they were read\n");
}

TEST_CASE("trace stops the recording when the user interrupts, and shows what it has") {
    Bench bench;
    bench.clock.pauses_left = 2;
    CHECK(bench.run({"trace", "--for", "60", "--classes", "messages,page_faults"}) == ExitCode::interrupted);
    REQUIRE(bench.system.calls.size() >= 3);
    CHECK(bench.system.calls.front().first == "trace.start");
    CHECK(bench.system.calls.front().second == Json{{"classes", {"messages", "page_faults"}}});
    CHECK(bench.system.calls.back().first == "trace.stop");
    CHECK(bench.output.written.contains("ds.publish_u32"));
}

TEST_CASE("trace stops the recording when reading fails") {
    Bench bench;
    bench.system.failures.emplace("trace.read", Failure{ExitCode::refused, "no", "", -31000});
    CHECK(bench.run({"trace"}) == ExitCode::refused);
    CHECK(bench.system.calls.back().first == "trace.stop");
    CHECK(bench.output.written.empty());
}

TEST_CASE("trace --watch writes each entry once, as one object a line with --json") {
    Bench bench;
    bench.clock.pauses_left = 3;
    CHECK(bench.run({"trace", "--watch", "--json", "--classes", "messages"}) == ExitCode::interrupted);
    CHECK(std::ranges::count(bench.output.written, '\n') == 4);
    CHECK(bench.system.calls[2].first == "trace.read");
    CHECK(bench.system.calls[2].second == Json{{"since", "21"}});
    Bench table;
    CHECK(table.run({"trace", "--watch", "--for", "0.3"}) == ExitCode::done);
    CHECK(std::ranges::count(table.output.written, '\n') == 5);
    CHECK(table.system.calls.front().second == Json::object());
}

TEST_CASE("trace says how much was overwritten, in words and in the document") {
    Bench bench;
    bench.system.replies.at("trace.read")["dropped"] = "7";
    CHECK(bench.run({"trace", "--for", "0.05", "--json"}) == ExitCode::done);
    CHECK(bench.output.noted.contains("-- 7 entries were overwritten before they were read\n"));
    CHECK(one_line_document(bench.output.written).at("items").size() == 4);
    CHECK(one_line_document(bench.output.written).at("dropped") != "0");
}

TEST_CASE("kernel calls records times only when asked to") {
    Bench bench;
    CHECK(bench.run({"kernel", "calls"}) == ExitCode::done);
    CHECK(bench.system.calls.size() == 1);
    Bench timed;
    CHECK(timed.run({"kernel", "calls", "--for", "1"}) == ExitCode::done);
    CHECK(timed.system.calls.front().second == Json{{"classes", {"call_times"}}});
    CHECK(timed.system.calls[1].first == "trace.stop");
}

TEST_CASE("control characters of the system never reach the terminal") {
    Bench bench;
    bench.system.replies.at("log.read")["items"][0]["text"] = "\x1b]0;pwned\x07\r\n";
    bench.system.replies.at("log.read")["items"][0]["level"] = "\x1b[31m";
    CHECK(bench.run({"log"}) == ExitCode::done);
    CHECK(!bench.output.written.contains('\x1b'));
    Bench refused;
    refused.system.failures.emplace("vm.stats", Failure{ExitCode::refused, "\x1b[2J", "\x1b[3J", 1});
    CHECK(refused.run({"vm"}) == ExitCode::refused);
    CHECK(!refused.output.noted.contains('\x1b'));
    CHECK(refused.output.noted.contains("\\x1b[2J"));
}

TEST_CASE("any JSON as any answer ends in words, never in a crash") {
    give_strange_answers(5); // each verb meets some of the answers, each answer some of the verbs
}

TEST_CASE("any JSON as any answer to any verb", "[.][long]") { give_strange_answers(1); }

TEST_CASE("a check without the facts about memory is no check") {
    for (const char* answer : strange_answers) {
        for (const char* method : {"vm.stats", "vm.process"}) {
            INFO(method << " <- " << answer);
            Bench bench;
            bench.system.replies.at(method) = *parse_json(answer);
            CHECK(bench.run({"fault", "kill", "ds", "--check"}) == ExitCode::no_connection);
        }
    }
}

TEST_CASE("lists are followed to their end") {
    Bench bench;
    bench.system.pages = 3;
    bench.system.replies.at("ds.list")["dropped"] = "5";
    CHECK(bench.run({"ds", "--json"}) == ExitCode::done);
    const Json document = one_line_document(bench.output.written);
    CHECK(document.at("items").size() == 12);
    CHECK(document.at("next").is_null());
    CHECK(document.at("dropped") == "15"); // what each page lost, together
    REQUIRE(bench.system.calls.size() == 3);
    CHECK(bench.system.calls[0].second == Json::object());
    CHECK(bench.system.calls[2].second == Json{{"cursor", "page 3"}});
}

TEST_CASE("a list that leads in a circle is refused") {
    Bench bench;
    bench.system.replies.at("ds.list")["next"] = "again";
    CHECK(bench.run({"ds"}) == ExitCode::no_connection);
    CHECK(bench.output.noted.contains("leads nowhere"));
}

TEST_CASE("a failure in the middle of a list is a failure, not half a list") {
    Bench bench;
    bench.system.pages = 3;
    bench.system.after_call = [&bench](const std::string&) {
        bench.system.failures.emplace("ds.list", refusal_with(-31003));
    };
    CHECK(bench.run({"ds"}) == ExitCode::refused);
    CHECK(bench.output.written.empty());
}
