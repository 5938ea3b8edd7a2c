// SPDX-License-Identifier: BSD-3-Clause
// Whatever bytes come: the next ping on the same connection is answered.

#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

class Mutator {
public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    std::string mutate(std::string line) {
        const auto changes = 1 + random_() % 4;
        for (std::uint32_t change = 0; change < changes; ++change) mutate_once(line);
        std::erase(line, '\n');
        return line;
    }

    std::size_t pick(std::size_t count) { return random_() % count; }

private:
    void mutate_once(std::string& line) {
        static constexpr std::array<std::string_view, 12> pieces{"{", "}",     "[",       "]",       "\"",   ",",
                                                                 ":", "1e999", "\\u0000", "\\ud800", "null", "\xff"};
        const std::size_t at = line.empty() ? 0 : pick(line.size());
        switch (pick(6)) {
        case 0:
            line.insert(at, pieces[pick(pieces.size())]);
            break;
        case 1:
            line.erase(at, 1 + pick(8));
            break;
        case 2:
            line.insert(at, 1, static_cast<char>(random_()));
            break;
        case 3:
            line.insert(at, line.substr(at, pick(40)));
            break;
        case 4:
            line.resize(at);
            break;
        default:
            if (!line.empty()) line[at] = static_cast<char>(random_());
        }
    }

    std::minstd_rand random_;
};

} // namespace

TEST_CASE("mutated lines leave the session answering") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    const auto lines = example_lines();
    Mutator mutator(20261123);
    // Some; the fuzzer netmgmt_session goes on from the same examples.
    for (int round = 0; round < 20'000; ++round) {
        auto line = mutator.mutate(lines[mutator.pick(lines.size())]);
        CAPTURE(round, line);
        const auto replies = lines_of(peer.exchange(line + "\n"));
        REQUIRE(replies.size() <= 1);
        if (!replies.empty()) REQUIRE(replies[0].ends_with('}') != replies[0].ends_with(']'));
        if (round % 100 == 0) REQUIRE(peer.alive());
    }
    CHECK(peer.alive());
}

TEST_CASE("random bytes leave the session answering") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    std::minstd_rand random(7);
    for (int round = 0; round < 300; ++round) {
        std::string bytes(random() % 3000, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        peer.exchange(bytes + "\n");
        REQUIRE(peer.alive());
    }
}

TEST_CASE("after each kind of bad line the next ping answers") {
    TestServer server;
    Peer& peer = server.greeted_peer();
    const std::string deep(40, '[');
    for (const std::string& line :
         {std::string("\xef\xbb\xbf{}"), std::string("{}\0", 3), std::string(R"({"a":1,"a":1})"),
          std::string(R"({"\u0000":1})"), std::string("[1e999]"), std::string(R"(["\ud800"])"),
          std::string("[\"\xc0\xaf\"]"), deep, std::string("{} {}"), std::string(200'000, '{'),
          std::string(limits::line_bytes, '['), std::string(limits::line_bytes, '"'), std::string("\r")}) {
        CAPTURE(line.substr(0, 20));
        const auto replies = lines_of(peer.exchange(line + "\n"));
        REQUIRE(replies.size() == 1);
        CHECK_FALSE(at(replies[0], "error.code").empty());
        CHECK(peer.alive());
    }
}
