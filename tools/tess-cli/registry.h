// SPDX-License-Identifier: BSD-3-Clause
// The table of verbs. --help, docs/cli.md and the tests of the examples are all made from it.
#pragma once

#include "tools/tess-cli/session.h"
#include "tools/tess-cli/verb_parser.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tessera::tess {

/// A command line and what it prints. The unit tests run every one of them against a scripted system.
struct Example {
    std::string command; ///< "tess ps"
    std::string output;
};

/// All that is written about a verb.
struct Manual {
    std::string name;
    std::string summary;     ///< one line
    std::string description; ///< paragraphs; may be empty
    std::vector<Example> examples;
};

using Action = std::function<Result<void>(Session&)>;

struct Verb {
    Manual manual;
    Action action;
    VerbParser parser;
    std::string words; ///< all that lead to it: "ds get"
    bool is_top_level;
};

class Registry {
public:
    explicit Registry(CLI::App& root) : root_{root} {}

    /// Returns the parser, to which the verb adds its words.
    VerbParser& add(Manual manual, Action action);
    /// A verb below `parent`.
    VerbParser& add(VerbParser& parent, Manual manual, Action action);

    /// The innermost verb of the parsed command line; null when there is none.
    [[nodiscard]] const Verb* chosen() const;
    [[nodiscard]] const std::vector<std::unique_ptr<Verb>>& verbs() const { return verbs_; }
    [[nodiscard]] CLI::App& root() const { return root_; }

private:
    VerbParser& add_below(CLI::App& parent, Manual manual, Action action);

    CLI::App& root_;
    std::vector<std::unique_ptr<Verb>> verbs_;
};

} // namespace tessera::tess
