// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/line_reader.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>

using namespace tessera::tess;

namespace {

/// Gives its pieces one read at a time, then closes.
class Pieces final : public ByteStream {
public:
    explicit Pieces(std::deque<std::string> pieces) : pieces_{std::move(pieces)} {}
    [[nodiscard]] Result<void> write(std::string_view, Instant) override { return {}; }
    [[nodiscard]] Result<std::size_t> read(std::span<char> buffer, Instant) override {
        if (pieces_.empty()) return std::size_t{0};
        std::string& piece = pieces_.front();
        const auto size = std::min(buffer.size(), piece.size());
        std::copy_n(piece.begin(), size, buffer.begin());
        piece.erase(0, size);
        if (piece.empty()) pieces_.pop_front();
        return size;
    }

private:
    std::deque<std::string> pieces_;
};

const Instant later = std::chrono::steady_clock::now() + std::chrono::minutes{5};
const Instant over = std::chrono::steady_clock::now() - std::chrono::minutes{5};

} // namespace

TEST_CASE("lines end with LF or CRLF, however the bytes arrive") {
    Pieces stream{{"on", "e\ntw", "o\r", "\n\n", "four\nfi"}};
    LineReader reader;
    CHECK(reader.next(stream, later).value() == "one");
    CHECK(reader.next(stream, later).value() == "two");
    CHECK(reader.next(stream, later).value().empty());
    CHECK(reader.next(stream, later).value() == "four");
    const auto unfinished = reader.next(stream, later);
    REQUIRE(!unfinished);
    CHECK(unfinished.error().exit_code == ExitCode::no_connection);
    CHECK(unfinished.error().message.contains("middle of a line"));
}

TEST_CASE("many lines in one piece come one by one") {
    Pieces stream{{"a\nb\nc\n"}};
    LineReader reader;
    CHECK(reader.next(stream, later).value() == "a");
    CHECK(reader.next(stream, over).value() == "b"); // it is there already: no deadline matters
    CHECK(reader.next(stream, later).value() == "c");
    CHECK(reader.next(stream, later).error().message == "the system closed the connection");
}

TEST_CASE("a line of just the limit passes, one byte more does not") {
    LineReader reader{8};
    Pieces fits{{"12345678\n"}};
    CHECK(reader.next(fits, later).value() == "12345678");
    Pieces longer{{"123456789\n"}};
    CHECK(reader.next(longer, later).error().exit_code == ExitCode::no_connection);
}

TEST_CASE("a line that never ends is cut off at the limit") {
    Pieces endless{std::deque<std::string>(1000, std::string(4096, 'x'))};
    LineReader reader;
    const auto line = reader.next(endless, later);
    REQUIRE(!line);
    CHECK(line.error().message.contains("longer than 1048576 bytes"));
}

TEST_CASE("a peer that trickles bytes is cut off by the deadline") {
    Pieces trickle{{"a", "b", "c", "\n"}};
    LineReader reader;
    const auto line = reader.next(trickle, over);
    REQUIRE(!line);
    CHECK(line.error().exit_code == ExitCode::timeout);
    CHECK(reader.next(trickle, later).value() == "abc"); // nothing that arrived is lost
}

TEST_CASE("NUL and other control bytes are just bytes of a line") {
    Pieces stream{{std::string("a\0b\x1b\n", 5)}};
    LineReader reader;
    CHECK(reader.next(stream, later).value() == std::string("a\0b\x1b", 4));
}
