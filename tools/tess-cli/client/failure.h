// SPDX-License-Identifier: BSD-3-Clause
// Why a verb could not do its work, in words for people and as an exit code for scripts.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::tess {

/// What the process tells the shell. The numbers are documented in docs/cli.md and never change.
enum class ExitCode : int {
    done = 0,
    refused = 1,       ///< the system answered no, or a check found a difference
    usage = 2,         ///< the command line makes no sense
    no_connection = 3, ///< nothing that speaks this protocol could be reached
    not_allowed = 4,   ///< the session has not the role that the method asks for (-31001)
    timeout = 5,       ///< no answer in time
    interrupted = 130, ///< SIGINT, as shells count it
};

/// One reason, one advice. Both may hold bytes of the peer: they are made printable when they are shown.
struct Failure {
    ExitCode exit_code = ExitCode::refused;
    std::string message;
    std::string advice;               ///< what to try next; empty when there is nothing to say
    std::optional<std::int64_t> code; ///< the JSON-RPC error code when the system refused
    std::string errno_name{};         ///< "ESRCH" when a server or the kernel gave that as the reason
};

template <typename Value> using Result = std::expected<Value, Failure>;

using Failed = std::unexpected<Failure>;

[[nodiscard]] Failed refused(std::string message, std::string advice = {});
[[nodiscard]] Failed bad_usage(std::string message, std::string advice = {});
[[nodiscard]] Failed no_connection(std::string message, std::string advice = {});
[[nodiscard]] Failed timed_out(std::string message, std::string advice = {});
[[nodiscard]] Failed interrupted();

/// The peer broke the protocol: whatever answers there is not a Tessera this program can talk to.
[[nodiscard]] Failed malformed(std::string_view what);

/// True when another connection may find what this one lost: the peer went away or fell silent.
[[nodiscard]] bool worth_reconnecting(const Failure& failure);

} // namespace tessera::tess
