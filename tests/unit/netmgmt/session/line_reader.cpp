// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/line_reader.h"

#include "netmgmt/session/floor_rate.h"
#include "netmgmt/session/output_queue.h"
#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

struct Fixture {
    Wire wire;
    WireStream stream{wire};
    LineReader reader;

    void feed(std::string_view bytes) {
        wire.to_server += bytes;
        reader.fill(stream);
    }
};

std::string line_of(std::size_t bytes) { return std::string(bytes, 'x'); }

} // namespace

TEST_CASE_METHOD(Fixture, "lines end with LF or CR LF") {
    feed("one\ntwo\r\nthr");
    REQUIRE(reader.waiting() == 2);
    CHECK(reader.text(0) == "one");
    CHECK(reader.text(1) == "two");
    feed("ee\r");
    CHECK(reader.waiting() == 2);
    feed("\n\n\r\r\n");
    REQUIRE(reader.waiting() == 5);
    CHECK(reader.text(2) == "three");
    CHECK(reader.text(3).empty());
    CHECK(reader.text(4) == "\r");
}

TEST_CASE_METHOD(Fixture, "a line of the longest length is taken, one byte more is not") {
    SECTION("LF") { feed(line_of(limits::line_bytes) + "\n"); }
    SECTION("CR LF") { feed(line_of(limits::line_bytes) + "\r\n"); }
    SECTION("CR, then LF") {
        feed(line_of(limits::line_bytes) + "\r");
        CHECK(reader.waiting() == 0);
        feed("\n");
    }
    REQUIRE(reader.waiting() == 1);
    CHECK(reader.kind(0) == LineKind::complete);
    CHECK(reader.text(0).size() == limits::line_bytes);
}

TEST_CASE_METHOD(Fixture, "an over-long line is skipped to its LF and the next one is read") {
    SECTION("in one piece") { feed(line_of(limits::line_bytes + 1) + "\nnext\n"); }
    SECTION("with CR LF") { feed(line_of(limits::line_bytes + 1) + "\r\nnext\n"); }
    SECTION("in pieces") {
        const auto line = line_of(limits::line_bytes + 1) + "\nnext\n";
        for (std::size_t at = 0; at < line.size(); at += 997) feed(line.substr(at, 997));
    }
    SECTION("a CR that is not the last") { feed(line_of(limits::line_bytes) + "\rx\nnext\n"); }
    SECTION("ten times as long") { feed(line_of(limits::line_bytes * 10) + "\nnext\n"); }
    REQUIRE(reader.waiting() == 2);
    CHECK(reader.kind(0) == LineKind::over_long);
    CHECK(reader.text(0).empty());
    CHECK(reader.kind(1) == LineKind::complete);
    CHECK(reader.text(1) == "next");
    CHECK(reader.over_long() == 1);
}

TEST_CASE_METHOD(Fixture, "an over-long line is announced before its LF comes") {
    feed(line_of(limits::line_bytes + 1));
    REQUIRE(reader.waiting() == 1);
    CHECK(reader.kind(0) == LineKind::over_long);
    reader.remove(0);
    CHECK(reader.mid_line());
    feed(line_of(3 * limits::line_bytes));
    CHECK(reader.waiting() == 0);
    feed("\nnext\n");
    REQUIRE(reader.waiting() == 1);
    CHECK(reader.text(0) == "next");
}

TEST_CASE_METHOD(Fixture, "reading stops at as many lines as may wait, and goes on when one was removed") {
    for (std::size_t line = 0; line <= limits::requests_in_flight; ++line) feed(std::to_string(line) + "\n");
    CHECK(reader.waiting() == limits::requests_in_flight);
    CHECK(reader.text(limits::requests_in_flight - 1) == std::to_string(limits::requests_in_flight - 1));
    reader.remove(0);
    reader.fill(stream);
    CHECK(reader.waiting() == limits::requests_in_flight);
    CHECK(reader.text(limits::requests_in_flight - 1) == std::to_string(limits::requests_in_flight));
}

TEST_CASE_METHOD(Fixture, "reading stops when the buffer is full: the stream holds the peer back") {
    feed(line_of(limits::line_bytes) + "\n" + line_of(limits::line_bytes) + "\n");
    CHECK(reader.waiting() == 1);
    CHECK_FALSE(wire.to_server.empty());
    reader.remove(0);
    reader.fill(stream);
    CHECK(reader.waiting() == 1);
    CHECK(reader.text(0).size() == limits::line_bytes);
    CHECK(wire.to_server.empty());
}

TEST_CASE_METHOD(Fixture, "a short line behind a longest one is read") {
    feed("first\n" + line_of(limits::line_bytes) + "\nping\n");
    reader.remove(0);
    reader.fill(stream);
    REQUIRE(reader.waiting() == 2);
    CHECK(reader.text(1) == "ping");
}

TEST_CASE_METHOD(Fixture, "lines keep their text while others are removed and the buffer is moved") {
    std::string expected;
    std::size_t checked = 0;
    for (std::size_t line = 0; line < 2000; ++line) {
        feed(std::to_string(line) + line_of(line % 613) + "\n");
        if (line % 3 != 0) continue;
        REQUIRE(reader.text(0) == std::to_string(checked) + line_of(checked % 613));
        reader.remove(0);
        ++checked;
    }
    while (reader.waiting() > 0) {
        REQUIRE(reader.text(0) == std::to_string(checked) + line_of(checked % 613));
        reader.remove(0);
        ++checked;
        reader.fill(stream);
    }
    CHECK(checked == 2000);
    CHECK(reader.empty());
}

TEST_CASE_METHOD(Fixture, "what is left without LF when the peer finishes is told") {
    wire.state = StreamState::peer_finished;
    feed("one\ntwo");
    REQUIRE(reader.waiting() == 2);
    CHECK(reader.kind(0) == LineKind::complete);
    CHECK(reader.kind(1) == LineKind::unfinished);
    reader.remove(1);
    reader.remove(0);
    CHECK(reader.empty());
}

TEST_CASE_METHOD(Fixture, "the peer's finish after a full queue loses no line") {
    wire.state = StreamState::peer_finished;
    std::string lines;
    for (std::size_t line = 0; line < 40; ++line) lines += std::to_string(line) + "\n";
    feed(lines);
    for (std::size_t line = 0; line < 40; ++line) {
        REQUIRE(reader.waiting() > 0);
        CHECK(reader.text(0) == std::to_string(line));
        reader.remove(0);
        reader.fill(stream);
    }
    CHECK(reader.empty());
}

TEST_CASE("the output queue keeps order over its wrap and takes all or nothing") {
    Wire wire;
    WireStream stream(wire);
    OutputQueue queue(10);
    std::string expected;
    for (int round = 0; round < 50; ++round) {
        const std::string piece = std::to_string(round) + "abcdefg";
        wire.window = 7;
        if (queue.append(piece)) expected += piece;
        queue.drain(stream);
    }
    wire.window = 100;
    queue.drain(stream);
    CHECK(queue.empty());
    CHECK(wire.from_server == expected);
    CHECK(expected.size() > 100);
    CHECK_FALSE(queue.append("12345678901"));
    CHECK(queue.append("1234567890"));
    CHECK(queue.room() == 0);
}

TEST_CASE("the floor rate counts after the grace") {
    const Deadlines deadlines{.grace = std::chrono::seconds(10), .floor_bytes_per_second = 100};
    FloorRate rate;
    using std::chrono::seconds;
    CHECK_FALSE(rate.violated(seconds(1000), deadlines));
    rate.start(seconds(0));
    CHECK_FALSE(rate.violated(seconds(10), deadlines));
    CHECK(rate.violated(seconds(11), deadlines));
    rate.add(500);
    CHECK_FALSE(rate.violated(seconds(15), deadlines));
    CHECK(rate.violated(seconds(16), deadlines));
    rate.stop();
    CHECK_FALSE(rate.violated(seconds(1000), deadlines));
}
