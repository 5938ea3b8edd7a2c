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
        try {
            find(request.test)();
            return protocol::Nothing{};
        } catch (const std::exception& error) {
            posix::log_failure(error.what());
            return Status::input_output;
        }
    }

    static posix::Test find(std::size_t test) {
        for (const auto& tests : {posix::process_tests(), posix::signal_tests()}) {
            if (test < tests.size()) return tests[test];
            test -= tests.size();
        }
        return posix::memory_tests()[test];
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
