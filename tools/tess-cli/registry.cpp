// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/registry.h"

#include "tools/tess-cli/output/printable.h"

#include <CLI/CLI.hpp>

#include <format>
#include <ranges>
#include <utility>

namespace tessera::tess {

namespace {

std::string help_foot(const Manual& manual) {
    std::string foot = wrapped(manual.description);
    for (const Example& example : manual.examples) {
        foot += std::format("{}$ {}\n{}", foot.empty() ? "" : "\n", example.command, example.output);
    }
    return foot;
}

std::string words_of(const CLI::App& app) {
    if (app.get_parent() == nullptr) return "";
    const auto before = words_of(*app.get_parent());
    return before.empty() ? app.get_name() : before + " " + app.get_name();
}

} // namespace

VerbParser& Registry::add(Manual manual, Action action) {
    return add_below(root_, std::move(manual), std::move(action));
}

VerbParser& Registry::add(VerbParser& parent, Manual manual, Action action) {
    return add_below(parent.app(), std::move(manual), std::move(action));
}

VerbParser& Registry::add_below(CLI::App& parent, Manual manual, Action action) {
    CLI::App& app = *parent.add_subcommand(manual.name, manual.summary);
    app.footer(help_foot(manual));
    verbs_.push_back(std::make_unique<Verb>(std::move(manual), std::move(action), VerbParser{app}, words_of(app),
                                            app.get_parent()->get_parent() == nullptr));
    return verbs_.back()->parser;
}

const Verb* Registry::chosen() const {
    // A verb is registered before those below it, so the last parsed one is the innermost.
    for (const auto& verb : verbs_ | std::views::reverse) {
        if (verb->parser.app().parsed()) return verb.get();
    }
    return nullptr;
}

} // namespace tessera::tess
