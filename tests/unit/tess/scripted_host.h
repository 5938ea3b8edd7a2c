// SPDX-License-Identifier: BSD-3-Clause
// A machine with an environment and state files of the test's choice.
#pragma once

#include "tools/tess-cli/host.h"

#include <map>

namespace tessera::tess {

class ScriptedHost final : public Host {
public:
    [[nodiscard]] std::optional<std::string> environment(const std::string& name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    }
    [[nodiscard]] std::vector<Instance> instances() const override { return running; }
    [[nodiscard]] Result<std::string> standard_input() override { return input; }
    [[nodiscard]] Failed become(const std::string& tool, const std::vector<std::string>& arguments) override {
        became = {tool};
        became.insert(became.end(), arguments.begin(), arguments.end());
        return refused("a test never becomes anything");
    }

    std::map<std::string, std::string> variables;
    std::vector<Instance> running;
    std::string input;
    std::vector<std::string> became;
};

} // namespace tessera::tess
