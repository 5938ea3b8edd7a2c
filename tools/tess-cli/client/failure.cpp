// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/failure.h"

#include <format>
#include <utility>

namespace tessera::tess {

namespace {

/// The code of "server unavailable, retry": the connection is good, the answer may come a moment later.
constexpr std::int64_t unavailable_code = -31003;

Failed failed(ExitCode exit_code, std::string message, std::string advice) {
    return Failed{Failure{exit_code, std::move(message), std::move(advice), std::nullopt}};
}

} // namespace

Failed refused(std::string message, std::string advice) {
    return failed(ExitCode::refused, std::move(message), std::move(advice));
}

Failed bad_usage(std::string message, std::string advice) {
    return failed(ExitCode::usage, std::move(message), std::move(advice));
}

Failed no_connection(std::string message, std::string advice) {
    return failed(ExitCode::no_connection, std::move(message), std::move(advice));
}

Failed timed_out(std::string message, std::string advice) {
    return failed(ExitCode::timeout, std::move(message), std::move(advice));
}

Failed interrupted() { return failed(ExitCode::interrupted, "interrupted", ""); }

Failed malformed(std::string_view what) {
    return no_connection(std::format("the peer does not speak Tessera's protocol: {}", what),
                         "check --host and --port; `tess doctor` looks closer");
}

bool worth_reconnecting(const Failure& failure) {
    return failure.exit_code == ExitCode::no_connection || failure.exit_code == ExitCode::timeout ||
           failure.code == unavailable_code;
}

} // namespace tessera::tess
