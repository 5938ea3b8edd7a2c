// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A page of the manual, as data: made from the table of kernel calls and the list of primitives, written as roff or
// Markdown.

#include "kernel/abi/calls/call.h"
#include <string>
#include <vector>

namespace tessera::manual {

struct Field {
    std::string type;
    std::string_view name;
    std::string_view meaning;
};

struct Page {
    std::string_view name;
    std::string_view summary;
    std::vector<std::string> synopsis;    // lines of C++
    std::vector<std::string> description; // paragraphs
    std::vector<Field> request;
    std::vector<Field> reply;
    std::vector<CallError> errors; // its own, then those of all
    std::string privilege;
    std::vector<std::string_view> see_also; // names of pages
};

struct Chapter {
    std::string_view title;
    std::vector<Page> pages;
};

// Every kernel call, by group, and the message primitives.
std::vector<Chapter> all_chapters();

// A page for man(1), with the man macros of groff.
std::string as_roff(const Page& page);
// All of it as one document.
std::string as_markdown(const std::vector<Chapter>& chapters);

inline constexpr std::string_view section = "2tessera";

} // namespace tessera::manual
