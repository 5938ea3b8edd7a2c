// SPDX-License-Identifier: BSD-3-Clause
// What --help and docs/cli.md show is what the verbs print.
#include "tests/unit/tess/bench.h"
#include "tools/tess-cli/manual_page.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

using namespace tessera::tess;

namespace {

/// Splits at blanks; single quotes keep them, as in a shell.
std::vector<std::string> shell_words(const std::string& command) {
    std::vector<std::string> words{""};
    bool quoted = false;
    for (const char character : command) {
        if (character == '\'') {
            quoted = !quoted;
        } else if (character == ' ' && !quoted) {
            words.emplace_back();
        } else {
            words.back() += character;
        }
    }
    return words;
}

Instance documented_instance() { return {"7600.json", 4242, 7600, "qemu", "2024-05-01T12:00:00Z", Liveness::running}; }

} // namespace

TEST_CASE("every example of the manual prints what the manual says") {
    CLI::App app{"", "tess"};
    Registry registry{app};
    add_all(registry);
    std::size_t examples = 0;
    for (const auto& verb : registry.verbs()) {
        for (const Example& example : verb->manual.examples) {
            INFO(example.command);
            Bench bench;
            bench.host.running = {documented_instance()};
            auto words = shell_words(example.command);
            REQUIRE(words.front() == "tess");
            words.erase(words.begin());
            CHECK(bench.run(words) == ExitCode::done);
            CHECK(bench.output.written == example.output);
            CHECK(bench.output.noted.empty());
            ++examples;
        }
    }
    CHECK(examples >= 20);
}

TEST_CASE("every verb that does something has an example, but for those that print no result of a system") {
    CLI::App app{"", "tess"};
    Registry registry{app};
    add_all(registry);
    for (const auto& verb : registry.verbs()) {
        INFO(verb->words);
        const bool has_verbs_below = !verb->parser.app().get_subcommands({}).empty();
        const bool prints_no_result = verb->manual.name == "run" || verb->manual.name == "manual";
        CHECK((has_verbs_below || prints_no_result || !verb->manual.examples.empty()));
        CHECK(!verb->manual.summary.empty());
    }
}

TEST_CASE("docs/cli.md is what tess manual prints") {
    Bench bench;
    REQUIRE(bench.run({"manual"}) == ExitCode::done);
    std::ifstream file{TESS_MANUAL_FILE};
    REQUIRE(file);
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    INFO("to renew it: tools/tess manual > docs/cli.md");
    CHECK((page == bench.output.written));
}

TEST_CASE("help of the program and of a verb goes to the standard output") {
    Bench bench;
    CHECK(bench.run({"--help"}) == ExitCode::done);
    CHECK(bench.output.written.contains("doctor"));
    Bench verb;
    CHECK(verb.run({"ds", "get", "--help"}) == ExitCode::done);
    CHECK(verb.output.written.contains("tess ds get boot.console"));
    CHECK(verb.output.noted.empty());
    CHECK(verb.system.calls.empty());
}
