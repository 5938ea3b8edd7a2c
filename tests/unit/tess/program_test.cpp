// SPDX-License-Identifier: BSD-3-Clause
// The command line: choosing a system, usage errors, hints.
#include "tests/unit/tess/bench.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>

#include <unistd.h>

using namespace tessera::tess;

namespace {

Instance at_port(std::uint16_t port, Liveness liveness = Liveness::running) {
    return {std::format("{}.json", port), 100, port, "qemu", "now", liveness};
}

/// In the kernel's ticks, from /proc; this program's name has no blanks.
std::string own_start_time() {
    std::ifstream file{"/proc/self/stat"};
    std::string field;
    for (int number = 1; number <= 22; ++number) file >> field;
    return field;
}

std::uint16_t port_asked(Bench& bench, const std::vector<std::string>& words) {
    CHECK(bench.run(words) == ExitCode::done);
    return bench.asked.port;
}

} // namespace

TEST_CASE("the port: flag, environment, only running system, default") {
    Bench bench;
    CHECK(port_asked(bench, {"uptime"}) == 7420);
    bench.host.running = {at_port(7601), at_port(7602, Liveness::gone)};
    CHECK(port_asked(bench, {"uptime"}) == 7601);
    bench.host.variables["TESSERA_PORT"] = "7605";
    CHECK(port_asked(bench, {"uptime"}) == 7605);
    CHECK(port_asked(bench, {"uptime", "--port", "7606"}) == 7606);
    CHECK(bench.asked.host == "127.0.0.1");
    CHECK(bench.run({"--host", "::1", "uptime"}) == ExitCode::done);
    CHECK(bench.asked.host == "::1");
}

TEST_CASE("several running systems are nobody's default") {
    Bench bench;
    bench.host.running = {at_port(7601), at_port(7602)};
    bench.system.refuse_connections = 1;
    CHECK(bench.run({"uptime"}) == ExitCode::no_connection);
    CHECK(bench.asked.port == 7420);
    CHECK(bench.output.noted.contains("7601 (qemu), 7602 (qemu)"));
}

TEST_CASE("the usual advice stands when the system at the port runs but does not answer") {
    Bench bench;
    bench.host.running = {at_port(7601)};
    bench.system.refuse_connections = 1;
    CHECK(bench.run({"uptime"}) == ExitCode::no_connection);
    CHECK(bench.output.noted.contains("have patience"));
}

TEST_CASE("a port in the environment that is none is a usage error") {
    for (const char* port : {"0", "65536", "x", "74 20", "-1"}) {
        Bench bench;
        bench.host.variables["TESSERA_PORT"] = port;
        CHECK(bench.run({"uptime"}) == ExitCode::usage);
        CHECK(bench.output.noted.contains("TESSERA_PORT"));
    }
}

TEST_CASE("usage errors say what to try and touch no system") {
    const std::vector<std::vector<std::string>> wrong{{},
                                                      {"nonsense"},
                                                      {"--nonsense"},
                                                      {"ps", "--nonsense"},
                                                      {"ps", "a", "b"},
                                                      {"ds", "get"},
                                                      {"ds", "nonsense"},
                                                      {"--port", "0", "ps"},
                                                      {"--port", "65536", "ps"},
                                                      {"--port", "x", "ps"},
                                                      {"--timeout", "0", "ps"},
                                                      {"--timeout", "-1", "ps"},
                                                      {"--timeout", "x", "ps"},
                                                      {"fault"},
                                                      {"fault", "kill"},
                                                      {"fault", "kill", "ds", "--times", "0"},
                                                      {"fault", "kill", "ds", "--times", "1.5"},
                                                      {"fault", "arm", "ds", "kill", "--after", "60001"},
                                                      {"log", "--level", "loud"},
                                                      {"log", "--since", "-1"},
                                                      {"ds", "publish", "k", "v", "--type", "label"},
                                                      {"ps", "info"}};
    for (const auto& words : wrong) {
        std::string line;
        for (const auto& word : words) line += " " + word;
        INFO("tess" << line);
        Bench bench;
        // "ps info" asks for a process named info: understood, and refused by the system.
        const bool understood = words == std::vector<std::string>{"ps", "info"};
        CHECK(bench.run(words) == (understood ? ExitCode::refused : ExitCode::usage));
        CHECK(bench.output.noted.contains("try: "));
        CHECK(bench.system.calls.empty() == !understood);
        CHECK(bench.output.written.empty());
    }
}

TEST_CASE("an unknown verb is named, with those that exist") {
    Bench bench;
    CHECK(bench.run({"nonsense", "--json"}) == ExitCode::usage);
    CHECK(bench.output.noted.contains("there is no verb \"nonsense\""));
    CHECK(bench.output.noted.contains(" ps vm ds "));
}

TEST_CASE("another protocol version is refused before anything is asked") {
    Bench bench;
    bench.system.hello.protocol = 2;
    CHECK(bench.run({"shutdown"}) == ExitCode::no_connection);
    CHECK(bench.system.calls.empty());
}

TEST_CASE("state files: good ones are read, all others are passed over") {
    const auto root = std::filesystem::temp_directory_path() / std::format("tess-unit-{}", ::getpid());
    const auto folder = root / "run";
    std::filesystem::create_directories(folder / "7699.json");
    const auto write = [&folder](const std::string& name, const std::string& text) {
        std::ofstream{folder / name} << text;
    };
    const auto own = std::format(R"("pid":{},"process_start":{})", ::getpid(), own_start_time());
    write("7601.json", R"({"pid":2147483647,"port":7601,"machine":"qemu","started":"then","process_start":1})");
    write("7602.json", "{" + own + R"(,"port":7602,"machine":"bochs","started":"now"})");
    // The pid was given to another process since.
    write("7609.json", std::format(R"({{"pid":{},"process_start":1,"port":7609}})", ::getpid()));
    write("7603.json", "{");
    write("7604.json", R"({"pid":1,"port":0})");
    write("7605.json", R"({"pid":1,"port":70000})");
    write("7606.json", R"({"pid":"x","port":7606})");
    write("7607.json", std::string(100'000, ' ') + R"({"pid":1,"port":7607})");
    write("7608.txt", R"({"pid":1,"port":7608})");
    const auto instances = (LinuxHost{"", root}).instances();
    std::filesystem::remove_all(root);
    REQUIRE(instances.size() == 3);
    CHECK(instances[0].port == 7601);
    CHECK(instances[0].liveness == Liveness::gone);
    CHECK(instances[1].port == 7602);
    CHECK(instances[1].liveness == Liveness::running);
    CHECK(instances[1].machine == "bochs");
    CHECK(instances[2].liveness == Liveness::gone);
    CHECK((LinuxHost{"", root}).instances().empty());
}
