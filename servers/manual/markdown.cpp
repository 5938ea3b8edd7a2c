// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/kernel_call_checks.h"
#include "kernel/abi/primitives.h"
#include "servers/manual/page.h"
#include <format>

namespace tessera::manual {

namespace {

constexpr std::string_view introduction =
    "# Kernel calls and message primitives\n"
    "\n"
    "Made from `kernel/abi/calls/` and `kernel/abi/primitives.h` by `kernel-manual`; `tools/check/manual` compares. "
    "The\n"
    "same as pages for `man`: `man -l build/share/man/man2/process_create.2tessera` after a build. What messages and\n"
    "endpoints are: [kernel.md](kernel.md).\n";

void add_fields(std::string& out, std::string_view title, const std::vector<Field>& fields) {
    if (fields.empty()) return;
    out += std::format("\n| {} | type | meaning |\n|---|---|---|\n", title);
    for (const Field& field : fields)
        out += std::format("| `{}` | `{}` | {} |\n", field.name, field.type, field.meaning);
}

bool is_common(const CallError& error) {
    if (error.when == primitive_error.when) return true;
    for (const CallError& common : common_call_errors)
        if (common.when == error.when) return true;
    return false;
}

void add_errors(std::string& out, const Page& page) {
    std::string rows;
    for (const CallError& error : page.errors)
        if (!is_common(error)) rows += std::format("| `{}` | {} |\n", status_name(error.status), error.when);
    if (!rows.empty()) out += "\n| error | when |\n|---|---|\n" + rows;
}

void add_page(std::string& out, const Page& page) {
    out += std::format("\n### `{}`\n", page.name);
    for (const std::string& paragraph : page.description) out += "\n" + paragraph + "\n";
    add_fields(out, "request", page.request);
    add_fields(out, "reply", page.reply);
    add_errors(out, page);
    out += "\n" + page.privilege + "\n";
}

} // namespace

std::string as_markdown(const std::vector<Chapter>& chapters) {
    std::string out(introduction);
    out += "\nBesides its own errors, every kernel call can answer:\n\n| error | when |\n|---|---|\n";
    for (const CallError& error : common_call_errors)
        out += std::format("| `{}` | {} |\n", status_name(error.status), error.when);
    out += std::format("\nand every primitive `{}`: {}.\n", status_name(primitive_error.status), primitive_error.when);
    for (const Chapter& chapter : chapters) {
        out += std::format("\n## {}\n", chapter.title);
        for (const Page& page : chapter.pages) add_page(out, page);
    }
    return out;
}

} // namespace tessera::manual
