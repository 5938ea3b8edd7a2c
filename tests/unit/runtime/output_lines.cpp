// SPDX-License-Identifier: BSD-3-Clause
#include "servers/runtime/libc/output_lines.h"
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using tessera::libc::OutputLines;

namespace {

struct Fixture {
    OutputLines lines;
    std::vector<std::string> logged;

    void write(std::string_view text) {
        lines.write(text, [this](std::string_view line) { logged.emplace_back(line); });
    }
    void flush() {
        lines.flush([this](std::string_view line) { logged.emplace_back(line); });
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "output: one log line for each line, however it arrives") {
    write("he");
    write("llo\nwor");
    CHECK(logged == std::vector<std::string>{"hello"});
    write("ld\n\n");
    CHECK(logged == std::vector<std::string>{"hello", "world", ""});
}

TEST_CASE_METHOD(Fixture, "output: a line longer than a record is cut, nothing is lost") {
    const std::string text(tessera::log_text_limit * 2 + 5, 'x');
    write(text + "\n");
    REQUIRE(logged.size() == 3);
    CHECK(logged[0].size() == tessera::log_text_limit);
    CHECK(logged[0] + logged[1] + logged[2] == text);
}

TEST_CASE_METHOD(Fixture, "output: a line of just a record's length is one line") {
    write(std::string(tessera::log_text_limit, 'x') + "\n");
    CHECK(logged.size() == 1);
}

TEST_CASE_METHOD(Fixture, "output: flushing ends an open line, and nothing else") {
    flush();
    CHECK(logged.empty());
    write("prompt> ");
    flush();
    flush();
    CHECK(logged == std::vector<std::string>{"prompt> "});
}
