// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/tess/captured_output.h"
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/printable.h"
#include "tools/tess-cli/output/table.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>

using namespace tessera::tess;
using namespace std::chrono_literals;

TEST_CASE("what acts on a terminal is shown, not done") {
    CHECK(printable("plain text, \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80") ==
          "plain text, \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    CHECK(printable("\x1b[2J\r\n\t\a") == "\\x1b[2J\\x0d\\x0a\\x09\\x07");
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    CHECK(printable("\x7f") == "\\x7f");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\u009b31m"); // C1 CSI
    CHECK(printable("\xe2\x80\xae"
                    "exe.txt") == "\\u202eexe.txt"); // right-to-left override
    CHECK(printable("\xef\xbb\xbf") == "\\ufeff");
}

TEST_CASE("bytes that are not UTF-8 are shown as bytes") {
    CHECK(printable("\x80") == "\\x80");
    CHECK(printable("\xc3") == "\\xc3");                            // cut off
    CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                   // overlong
    CHECK(printable("\xe0\x80\x80") == "\\xe0\\x80\\x80");          // overlong
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // beyond U+10FFFF
    CHECK(printable("\xff") == "\\xff");
}

TEST_CASE("line feeds stay only where they are wanted") {
    CHECK(printable_lines("a\nb\x1b") == "a\nb\\x1b");
    CHECK(printable("a\nb") == "a\\x0ab");
}

TEST_CASE("sizes, numbers and durations for people") {
    CHECK(human_size(0) == "0 B");
    CHECK(human_size(1023) == "1023 B");
    CHECK(human_size(1024) == "1 KiB");
    CHECK(human_size(1536) == "1.5 KiB");
    CHECK(human_size(1024 * 1024 - 1) == "1023.9 KiB");
    CHECK(human_size(64 * 1024 * 1024) == "64 MiB");
    CHECK(human_size(std::numeric_limits<std::uint64_t>::max()) == "15.9 EiB");
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(human_duration(250ns) == "250 ns");
    CHECK(human_duration(12345us) == "12.3 ms");
    CHECK(human_duration(4567ms) == "4.567 s");
    CHECK(human_duration(123s) == "2 min 03 s");
    CHECK(human_duration(18123s) == "5 h 02 min 03 s");
    CHECK(human_duration(72h + 4h + 5min) == "3 d 04 h 05 min");
    CHECK(human_duration(-1ns) == "before it began");
    CHECK(seconds_stamp(12345678901ns) == "12.345678");
}

TEST_CASE("columns are aligned by characters, not bytes, and lines have no blanks at the end") {
    CapturedOutput output;
    Table table{{{"NAME"}, {"SIZE", Align::right}, {"NOTE"}}};
    table.add({"\xc3\xa9\xc3\xa9", "1", ""});
    table.add({"longer", "1000", "last"});
    table.add({"cut"});
    CHECK(table.text(output) == "NAME    SIZE  NOTE\n"
                                "\xc3\xa9\xc3\xa9         1\n"
                                "longer  1000  last\n"
                                "cut\n");
}

TEST_CASE("an empty cell in the middle keeps the columns") {
    CapturedOutput output;
    Table table{{{"A"}, {"B"}, {"C"}}};
    table.add({"one", "", "three"});
    CHECK(table.text(output) == "A    B  C\none     three\n");
}

TEST_CASE("cells are made printable") {
    CapturedOutput output;
    Table table{{{"A"}}};
    table.add({"\x1b]0;title\x07"});
    CHECK(table.text(output) == "A\n\\x1b]0;title\\x07\n");
}

TEST_CASE("colours surround the text and never the padding") {
    CapturedOutput output;
    output.set_colours(Colours::yes);
    Table table{{{"A"}, {"B"}}};
    table.add({{"x", Tone::good}, "y"});
    CHECK(table.text(output) == "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m  y\n");
    output.set_colours(Colours::no);
    CHECK(output.toned("x", Tone::bad) == "x");
}
