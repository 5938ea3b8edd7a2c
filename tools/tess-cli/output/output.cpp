// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/output.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <format>
#include <stdexcept>

namespace tessera::tess {

namespace {

/// Parameter of "select graphic rendition" (ECMA-48, 8.3.117); empty for no change.
std::string_view rendition(Tone tone) {
    switch (tone) {
    case Tone::plain:
        return "";
    case Tone::heading:
        return "1";
    case Tone::good:
        return "32";
    case Tone::warning:
        return "33";
    case Tone::bad:
        return "31";
    case Tone::quiet:
        return "2";
    }
    return "";
}

} // namespace

std::string Output::toned(std::string_view text, Tone tone) const {
    const auto parameter = rendition(tone);
    if (colours_ == Colours::no || parameter.empty() || text.empty()) return std::string{text};
    return std::format("\x1b[{}m{}\x1b[0m", parameter, text);
}

void StandardOutput::write(std::string_view text) {
    const bool complete = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!complete) throw std::runtime_error("cannot write the result: is the disk full?");
}

void StandardOutput::note(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

Colours StandardOutput::suitable_colours() {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool unwanted = no_color != nullptr && *no_color != '\0';
    const bool unable = terminal == nullptr || std::string_view{terminal} == "dumb";
    return unwanted || unable || ::isatty(STDOUT_FILENO) == 0 ? Colours::no : Colours::yes;
}

} // namespace tessera::tess
