// SPDX-License-Identifier: BSD-3-Clause
// The tests of the program posix_tests, each in a process of its own.

#include "servers/protocols/pm.h"
#include "tests/target/posix/suite.h"
#include "tests/target/test.h"
#include <utility>

namespace tessera::target {

namespace {

using namespace protocol::pm;

template <std::size_t Index> void run(Environment&) {
    runtime::ServiceConnection<PmProtocol> pm{"pm"};
    const auto process = require_value(pm.call<Spawn>({.program = Name(posix::program)}));
    const auto passed = runtime::call<posix::SuiteProtocol, posix::Run>(process.endpoint, {.test = Index});
    (void)pm.call<Kill>({.process_id = process.process_id, .signal = Signal::kill});
    (void)pm.call<Wait>({.process_id = process.process_id});
    require_status(passed.status(), Status::ok, "the process says in the log what is not so");
}

template <std::size_t... Indices> constexpr auto all(std::index_sequence<Indices...>) {
    return std::array{Test{posix::test_name(Indices), run<Indices>}...};
}

constexpr auto tests = all(std::make_index_sequence<posix::test_count>());

} // namespace

std::span<const Test> posix_tests() { return tests; }

} // namespace tessera::target
