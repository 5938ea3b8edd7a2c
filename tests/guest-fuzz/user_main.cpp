// SPDX-License-Identifier: BSD-3-Clause
// A user process of the fuzzer: answers every message, and makes random calls without any right to them.

#include "servers/configuration/kernel_call_names.h"
#include "tests/guest-fuzz/caller.h"
#include "tests/guest-fuzz/messenger.h"
#include "tests/guest-fuzz/user_protocol.h"

using namespace tessera;
using namespace tessera::guest_fuzz;

namespace {

UserReport report_of(const Tally& tally) {
    UserReport report{.calls = tally.calls()};
    for (const auto& [answer, count] : tally.answers()) {
        if (answer.status == Status::ok) report.answered_ok += count;
        if (answer.status == Status::call_denied) report.denied += count;
    }
    for (const auto& [answer, count] : tally.unexpected()) {
        if (report.unexpected == 0) {
            report.first_kind = static_cast<std::uint64_t>(answer.operation.kind);
            report.first_number = answer.operation.number;
            report.first_status = static_cast<std::uint64_t>(answer.status);
        }
        report.unexpected += count;
    }
    return report;
}

UserReport fuzz(const FuzzOrder& order) {
    Terrain terrain;
    Random random(order.seed);
    // Nobody is spared: an unprivileged process can hurt no one.
    const Cast cast{.self = order.self,
                    .partner = endpoints::rs,
                    .bare = {},
                    .users = {},
                    .others = {endpoints::vm, endpoints::rs, Endpoint{2, 1}, Endpoint{3, 1}},
                    .gone = {}};
    Values values(random, cast);
    Tally tally;
    NoRestraints restraints;
    Caller caller(random, values, cast, tally, restraints, configuration::user_kernel_calls);
    Messenger messenger(random, values, tally, cast);
    while (tally.calls() < order.calls) random.one_in(8) ? messenger.step() : caller.step();
    return report_of(tally);
}

} // namespace

int main() {
    UserReport report;
    for (auto received = receive();; received = receive()) {
        if (!received.has_value() || received->kind != MessageKind::message) continue;
        Message answer = received->message;
        const auto order = unpack<FuzzOrder>(received->message);
        if (order.command == UserCommand::exit) return static_cast<int>(order.seed);
        if (order.command == UserCommand::fuzz) {
            report = fuzz(order);
            continue;
        }
        if (order.command == UserCommand::report) answer = pack(report);
        (void)send_nonblocking(received->source, answer);
    }
}
