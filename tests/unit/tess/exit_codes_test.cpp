// SPDX-License-Identifier: BSD-3-Clause
// The program itself, as a shell sees it: exit codes, and what goes to which output. TESS_PROGRAM names it.
#include "tests/unit/tess/fake_server.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tessera::tess;

namespace {

struct Outcome {
    int exit_code; ///< or minus the signal that ended it
    std::string output;
    std::string errors;
};

class Running {
public:
    explicit Running(std::vector<std::string> arguments, const std::string& output_file = "") {
        std::string pattern = (std::filesystem::temp_directory_path() / "unit-tess-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        const std::string output = output_file.empty() ? (folder_ / "output").string() : output_file;
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT, 0600);
        ::posix_spawn_file_actions_addopen(&actions, 2, (folder_ / "errors").c_str(), O_WRONLY | O_CREAT, 0600);
        const char* program = std::getenv("TESS_PROGRAM");
        REQUIRE(program != nullptr);
        std::string name = program;
        std::vector<char*> words{name.data()};
        for (std::string& argument : arguments) words.push_back(argument.data());
        words.push_back(nullptr);
        const int error = ::posix_spawn(&process_, program, &actions, nullptr, words.data(), environment().data());
        ::posix_spawn_file_actions_destroy(&actions);
        REQUIRE(error == 0);
    }

    void signal(int number) const { ::kill(process_, number); }

    Outcome wait() {
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
        Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content("output"),
                        content("errors")};
        std::filesystem::remove_all(folder_);
        return outcome;
    }

private:
    /// No state files of this machine, no port and no colours from the environment of the test.
    static std::vector<char*> environment() {
        static std::string build = "TESSERA_BUILD=/nonexistent";
        static std::string terminal = "TERM=xterm";
        return {build.data(), terminal.data(), nullptr};
    }

    std::string content(const char* name) const {
        std::ifstream file{folder_ / name};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    std::filesystem::path folder_;
    pid_t process_ = -1;
};

Outcome run(const std::vector<std::string>& arguments) { return Running{arguments}.wait(); }

std::vector<std::string> at_port(std::uint16_t port, std::vector<std::string> words) {
    words.insert(words.begin(), {"--port", std::to_string(port)});
    return words;
}

} // namespace

TEST_CASE("0: done; the result is on the standard output and nothing on the other") {
    const FakeServer server{answering([](const std::string&) { return R"("result":{"pong":1})"; })};
    const auto outcome = run(at_port(server.port(), {"call", "system.ping", "--json"}));
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.output == "{\"pong\":1}\n");
    CHECK(outcome.errors.empty());
    CHECK(run({"--help"}).exit_code == 0);
    CHECK(run({"--version"}).output == "tess 0.1.0 (management protocol 1)\n");
}

TEST_CASE("1: refused by the system; the reason is on the standard error") {
    const FakeServer server{answering([](const std::string&) {
        return R"("error":{"code":-31000,"message":"ds refused it","data":{"errno":"ESRCH","where":"ds"}})";
    })};
    const auto outcome = run(at_port(server.port(), {"ds", "get", "k", "--json"}));
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.output.empty());
    CHECK(outcome.errors.contains("ESRCH"));
    CHECK(outcome.errors.contains("try: "));
}

TEST_CASE("1: a result that cannot be written is not done") {
    const FakeServer server{answering([](const std::string&) { return R"("result":{})"; })};
    const auto outcome = Running{at_port(server.port(), {"call", "system.ping"}), "/dev/full"}.wait();
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.errors.contains("disk full"));
}

TEST_CASE("2: usage") {
    CHECK(run({}).exit_code == 2);
    CHECK(run({"nonsense"}).exit_code == 2);
    CHECK(run({"ps", "--port", "70000"}).exit_code == 2);
}

TEST_CASE("3: no connection, or a peer that speaks something else") {
    CHECK(run(at_port(unused_port(), {"ps"})).exit_code == 3);
    const FakeServer closing{[](Peer&, unsigned) {}};
    CHECK(run(at_port(closing.port(), {"ps"})).exit_code == 3);
    const FakeServer other{[](Peer& peer, unsigned) {
        peer.send("220 mail.example ESMTP\r\n");
        peer.wait_for_close();
    }};
    CHECK(run(at_port(other.port(), {"ps"})).exit_code == 3);
}

TEST_CASE("4: not allowed") {
    const FakeServer server{
        answering([](const std::string&) { return R"("error":{"code":-31001,"message":"locked"})"; })};
    CHECK(run(at_port(server.port(), {"ps"})).exit_code == 4);
}

TEST_CASE("5: timeout, before the greeting and after a request") {
    const FakeServer silent{[](Peer& peer, unsigned) { peer.wait_for_close(); }};
    CHECK(run(at_port(silent.port(), {"--timeout", "0.1", "ps"})).exit_code == 5);
    const FakeServer greeting{[](Peer& peer, unsigned) {
        peer.greet();
        peer.wait_for_close();
    }};
    CHECK(run(at_port(greeting.port(), {"--timeout", "0.3", "ps"})).exit_code == 5);
}

TEST_CASE("130: SIGINT while it waits for an answer, and while it follows") {
    std::atomic<bool> asked = false;
    const FakeServer silent{[&asked](Peer& peer, unsigned) {
        peer.greet();
        asked = !peer.receive_line().empty();
        asked.notify_all();
        peer.wait_for_close();
    }};
    Running waiting{at_port(silent.port(), {"ps"})};
    asked.wait(false);
    waiting.signal(SIGINT);
    const auto interrupted = waiting.wait();
    CHECK(interrupted.exit_code == 130);
    CHECK(interrupted.errors == "tess: interrupted\n");

    std::atomic<bool> followed = false;
    const FakeServer logging{answering([&followed](const std::string&) {
        followed = true;
        followed.notify_all();
        return R"("result":{"items":[],"next":null,"dropped":"0"})";
    })};
    Running following{at_port(logging.port(), {"log", "--follow"})};
    followed.wait(false);
    following.signal(SIGINT);
    CHECK(following.wait().exit_code == 130);
}

TEST_CASE("no colours where there is no terminal, and nothing raw from the peer") {
    const FakeServer server{answering([](const std::string&) {
        return R"("result":{"items":[{"label":"ds\u001b[31m","state":"running"}],"next":null})";
    })};
    const auto outcome = run(at_port(server.port(), {"service"}));
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.output.contains("ds\\x1b[31m"));
    CHECK(!outcome.output.contains('\x1b'));
}
