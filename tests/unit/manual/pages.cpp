// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/kernel_call_checks.h"
#include "servers/manual/page.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <format>
#include <sstream>

using namespace tessera;
using namespace tessera::manual;

namespace {

Page page_named(std::string_view name) {
    for (const Chapter& chapter : all_chapters())
        for (const Page& page : chapter.pages)
            if (page.name == name) return page;
    throw std::logic_error("there is no such page");
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("every kernel call is in one chapter of the manual") {
    std::size_t pages = 0;
    for (const Chapter& chapter : all_chapters()) pages += chapter.pages.size();
    CHECK(pages == KernelCallTable::size + primitive_count - 1);
    KernelCallTable::for_each([]<class Call>() { CHECK(page_named(Call::name).summary == Call::summary); });
}

TEST_CASE("a page says what the declaration says") {
    const Page page = page_named("space_bind");
    REQUIRE(page.request.size() == 3);
    CHECK(page.request[1].type == "VirtualAddress");
    CHECK(page.request[1].name == "entry");
    CHECK(page.request[1].meaning == "its first instruction");
    CHECK(page.reply.empty());
    CHECK(page.errors.size() == kernel_calls::SpaceBind::errors.size() + common_call_errors.size());
    CHECK(page.synopsis.back() == "Result<NoReply> kernel_call<kernel_calls::SpaceBind>(const Request& request);");
    CHECK(page.privilege.starts_with(
        std::format("Bit {} of the kernel-call mask.", kernel_call_number<kernel_calls::SpaceBind>)));
    CHECK(std::ranges::contains(page.see_also, "space_unbind"));
}

TEST_CASE("a call that accesses memory can answer EFAULT, and one of the basic group says so") {
    const auto answers_bad_address = [](const Page& page) {
        return std::ranges::contains(page.errors, Status::bad_address, &CallError::status);
    };
    CHECK(answers_bad_address(page_named("counters_read")));
    CHECK_FALSE(answers_bad_address(page_named("clock_read")));
    CHECK(page_named("clock_read").privilege.contains("\"basic\""));
    CHECK_FALSE(page_named("counters_read").privilege.contains("\"basic\""));
}

TEST_CASE("text of a declaration is never a request or an escape of roff") {
    const Page page{.name = "a-b",
                    .summary = "A sum\\mary - 'quoted'.",
                    .synopsis = {"'quoted-code'", ".dot"},
                    .description = {".SH no heading"},
                    .request = {},
                    .reply = {},
                    .errors = {{Status::invalid, "'it' is"}},
                    .privilege = "none",
                    .see_also = {"one", "two"}};
    const auto lines = lines_of(as_roff(page));
    const auto has = [&](std::string_view line) { return std::ranges::contains(lines, line); };
    CHECK(has("a\\-b \\- A sum\\emary - \\(aqquoted\\(aq"));
    CHECK(has("\\&\\(aqquoted\\-code\\(aq"));
    CHECK(has("\\&.dot"));
    CHECK(has("\\&.SH no heading"));
    CHECK(has(".B EINVAL"));
    CHECK(has(".BR one (2tessera),"));
    CHECK(has(".BR two (2tessera)"));
}

TEST_CASE("the document has each page once, with its own errors and not those of all") {
    const std::string document = as_markdown(all_chapters());
    const auto lines = lines_of(document);
    KernelCallTable::for_each(
        [&]<class Call>() { CHECK(std::ranges::count(lines, "### `" + std::string(Call::name) + "`") == 1); });
    CHECK(std::ranges::count(lines, "| `EBADCALL` | there is no call with this number |") == 1);
    CHECK(std::ranges::contains(lines, "| `EBUSY` | another living process has the line |"));
}
