// SPDX-License-Identifier: BSD-3-Clause
// The words that a verb takes. Hides the parsing library: only four files include it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace tessera::tess {

enum class Need { optional, required };

struct NumberRange {
    std::uint64_t least = 0;
    std::uint64_t most = UINT64_MAX;
};

/// Names with dashes are options ("-f,--follow"), names without are positions ("LABEL"). Each value keeps its default
/// when the user does not give it.
class VerbParser {
public:
    explicit VerbParser(CLI::App& app) : app_{app} {}

    void text(const std::string& names, std::string& value, const std::string& help, Need need = Need::optional);
    void choice(const std::string& names, std::string& value, const std::vector<std::string>& choices,
                const std::string& help);
    void number(const std::string& names, std::uint64_t& value, NumberRange range, const std::string& help,
                Need need = Need::optional);
    /// From 0.01 seconds to a day.
    void seconds(const std::string& names, double& value, const std::string& help);
    void flag(const std::string& names, bool& value, const std::string& help);

    /// One of the verbs below this one must follow.
    void require_verb();
    /// Everything that follows belongs to another program, --help too; `words` gets it.
    void pass_on(std::vector<std::string>& words);

    [[nodiscard]] CLI::App& app() const { return app_; }

private:
    CLI::App& app_;
};

} // namespace tessera::tess
