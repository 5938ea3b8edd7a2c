// SPDX-License-Identifier: BSD-3-Clause
// Runs the tests that it is asked for; with arguments, what they execute.

#include "servers/runtime/log_format.h"
#include "servers/runtime/server.h"
#include "tests/target/posix/executed.h"
#include "tests/target/posix/suite.h"
#include "tests/target/posix/tests.h"
#include <vector>

using namespace tessera;
using namespace tessera::target;

void posix::log_failure(std::string_view what) { log_error("posix_tests {}: {}", getpid(), what); }

namespace {

struct Suite {
    runtime::Outcome<protocol::Nothing> handle(posix::Run, const posix::Run::Request& request, Endpoint) {
        if (request.test >= posix::test_count) return Status::invalid;
        const std::size_t processes = posix::process_tests().size();
        try {
            (request.test < processes ? posix::process_tests()[request.test]
                                      : posix::signal_tests()[request.test - processes])();
            return protocol::Nothing{};
        } catch (const std::exception& error) {
            posix::log_failure(error.what());
            return Status::input_output;
        }
    }
};

} // namespace

int main(int count, char** arguments) {
    if (count > 1) return posix::executed(std::span(arguments, static_cast<std::size_t>(count)));
    Suite suite;
    for (;;) {
        const auto received = receive();
        if (!received.has_value() || received->kind != MessageKind::message) continue;
        if (const auto answer = runtime::dispatch<posix::SuiteProtocol>(suite, *received))
            (void)send_nonblocking(received->source, *answer);
    }
}
