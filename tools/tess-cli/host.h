// SPDX-License-Identifier: BSD-3-Clause
// What the verbs need of the machine they run on: environment, state files of running systems, other tools.
#pragma once

#include "tools/tess-cli/client/failure.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tessera::tess {

enum class Liveness { running, gone };

/// A system that tools/run started on this machine, as its state file build/run/PORT.json tells.
struct Instance {
    std::filesystem::path state_file;
    std::uint64_t process = 0; ///< pid of the machine
    std::uint16_t port = 0;    ///< on the loopback interface of the host
    std::string machine;       ///< "bochs" or "qemu"
    std::string started;       ///< time of day, as written there
    Liveness liveness = Liveness::gone;
};

class Host {
public:
    virtual ~Host() = default;
    [[nodiscard]] virtual std::optional<std::string> environment(const std::string& name) const = 0;
    /// Ordered by port. Unreadable or malformed state files are left out.
    [[nodiscard]] virtual std::vector<Instance> instances() const = 0;
    /// All of the standard input.
    [[nodiscard]] virtual Result<std::string> standard_input() = 0;
    /// Replaces this process with the script `tool` of the source tree; returns only when that fails.
    [[nodiscard]] virtual Failed become(const std::string& tool, const std::vector<std::string>& arguments) = 0;
};

class LinuxHost final : public Host {
public:
    /// Finds the source tree: the environment's TESSERA_ROOT, or upwards from this program, or from the working
    /// directory. The build directory is TESSERA_BUILD, as for tools/run, or build/ in the source tree.
    LinuxHost();
    LinuxHost(std::filesystem::path root, std::filesystem::path build)
        : root_{std::move(root)},
          build_{std::move(build)} {}

    [[nodiscard]] std::optional<std::string> environment(const std::string& name) const override;
    [[nodiscard]] std::vector<Instance> instances() const override;
    [[nodiscard]] Result<std::string> standard_input() override;
    [[nodiscard]] Failed become(const std::string& tool, const std::vector<std::string>& arguments) override;

private:
    std::filesystem::path root_; ///< empty when there is none
    std::filesystem::path build_;
};

} // namespace tessera::tess
