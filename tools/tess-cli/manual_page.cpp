// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/manual_page.h"

#include "tools/tess-cli/output/printable.h"

#include <CLI/CLI.hpp>

#include <format>

namespace tessera::tess {

namespace {

constexpr std::string_view introduction = R"(# tess: the host command line

This page is printed by `tess manual` from the same table as `tess --help`. Every example is run by the unit tests.

`tools/tess` builds the program when needed and runs it.

## Which system

The port is the first of: `--port`, the environment variable `TESSERA_PORT`, the only system that tools/run has running
on this machine (state files `build/run/PORT.json`), 7420.

## Output

Tables are for people. Colours appear only on a terminal and not when `NO_COLOR` is set or `--no-color` is given.
Control characters that a system sends are shown as escapes such as `\x1b`.

`--json` is for scripts: one document in one line of ASCII, exactly the `result` of the method called
(`docs/protocol.md`). Of a paged list all pages are fetched and joined: one object with all `items`, and `next` is null.
Verbs that join several calls describe their document below. Nothing else is written to the standard output; reasons go
to the standard error.

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | refused by the system, or a check found a difference |
| 2 | the command line makes no sense |
| 3 | no connection, or whatever answers does not speak the protocol |
| 4 | not allowed: the session has not the role the method asks for |
| 5 | no answer in time |
| 130 | interrupted by SIGINT |
)";

std::string option_line(const CLI::Option& option) {
    std::string words = option.get_positional() ? option.get_name(true) : option.get_name(false, true);
    const bool takes_value = option.get_expected_max() != 0 && !option.get_positional();
    if (takes_value) words += " VALUE";
    for (std::size_t comma = words.find(','); comma != std::string::npos; comma = words.find(',', comma + 2)) {
        words.insert(comma + 1, " ");
    }
    return std::format("- `{}`{} — {}\n", words, option.get_required() ? " (required)" : "", option.get_description());
}

std::string options_section(const CLI::App& parser) {
    std::string lines;
    for (const CLI::Option* option : parser.get_options({})) {
        if (option != parser.get_help_ptr()) lines += option_line(*option);
    }
    return lines.empty() ? lines : "\n" + lines;
}

std::string verb_section(const Verb& verb) {
    std::string section =
        std::format("\n{} tess {}\n\n{}\n", verb.is_top_level ? "###" : "####", verb.words, verb.manual.summary);
    if (!verb.manual.description.empty()) section += "\n" + wrapped(verb.manual.description);
    section += options_section(verb.parser.app());
    for (const Example& example : verb.manual.examples) {
        section += std::format("\n```\n$ {}\n{}```\n", example.command, example.output);
    }
    return section;
}

} // namespace

std::string manual_page(const Registry& registry) {
    std::string page{introduction};
    page += "\n## Options of every verb\n" + options_section(registry.root());
    page += "\n## Verbs\n";
    for (const auto& verb : registry.verbs()) page += verb_section(*verb);
    return page;
}

} // namespace tessera::tess
