// SPDX-License-Identifier: BSD-3-Clause
// The privileged fuzzer: random kernel calls with every call in its mask, and, through its partner, with none.
// Boot command line: fuzz_calls=N (in all), fuzz_seed=N. Its log: README.md.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/privileges.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/log_format.h"
#include "tests/guest-fuzz/caller.h"
#include "tests/guest-fuzz/grants.h"
#include "tests/guest-fuzz/messenger.h"
#include "tests/guest-fuzz/population.h"
#include "tests/guest-fuzz/restraints.h"
#include "tests/target/check.h"
#include <charconv>

using namespace tessera;
using namespace tessera::guest_fuzz;

namespace {

constexpr std::uint64_t calls_a_round = 10'000; // then all processes and all memory are new
constexpr std::uint64_t user_calls_a_round = 2'500;

struct Settings {
    std::uint64_t calls = 100'000;
    std::uint64_t seed = 1;
};

void read_number(std::string_view command_line, std::string_view key, std::uint64_t& value) {
    const auto found = command_line.find(key);
    if (found == command_line.npos) return;
    const std::string_view digits = command_line.substr(found + key.size());
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), value);
}

Settings read_settings() {
    kernel_calls::MachineInformation machine;
    target::require_value(
        kernel_call<kernel_calls::MachineRead>({.address = {reinterpret_cast<std::uint64_t>(&machine)}}));
    Settings settings;
    const std::string_view command_line = machine.command_line.data();
    read_number(command_line, "fuzz_calls=", settings.calls);
    read_number(command_line, "fuzz_seed=", settings.seed);
    return settings;
}

ServiceId own_service(Endpoint self) {
    Privileges privileges;
    target::require_value(kernel_call<kernel_calls::PrivilegeGet>(
        {.endpoint = self, .address = {reinterpret_cast<std::uint64_t>(&privileges)}}));
    return privileges.service;
}

class Run {
public:
    explicit Run(const Settings& settings) : settings_(settings), random_(settings.seed) {}

    void perform() {
        while (tally_.calls() + users_.calls < settings_.calls) round();
        population_.raze();
    }

    bool report(std::uint32_t slots_before, std::uint32_t slots_after) const {
        for (const auto& [answer, count] : tally_.answers())
            log_info("FUZZ {} {} {}", answer.operation.name(), status_name(answer.status), count);
        for (const auto& [answer, count] : tally_.unexpected())
            log_error("FUZZ UNEXPECTED {} {} ({}) {}", answer.operation.name(), status_name(answer.status),
                      static_cast<int>(answer.status), count);
        if (users_.unexpected > 0)
            log_error("FUZZ UNEXPECTED by a user: kind {} number {} status {}", users_.first_kind, users_.first_number,
                      users_.first_status);
        const std::uint64_t unexpected = tally_.unexpected().size() + users_.unexpected;
        log_info("FUZZ USER {} calls, {} ok, {} denied", users_.calls, users_.answered_ok, users_.denied);
        log_info("FUZZ DONE {} calls, {} unexpected, slots {} -> {}, seed {}", tally_.calls() + users_.calls,
                 unexpected, slots_before, slots_after, settings_.seed);
        return unexpected == 0 && slots_before == slots_after;
    }

private:
    void round() {
        population_.raise();
        terrain_.renew();
        (void)kernel_call<kernel_calls::LogWatch>({}); // nobody prints what it writes
        add(population_.fuzz_as_user(random_.word(), user_calls_a_round));
        const std::uint64_t end = tally_.calls() + calls_a_round - user_calls_a_round;
        restraints_.fill_process_table(caller_);
        while (tally_.calls() < end) step();
        population_.raze();
    }

    void step() {
        if (random_.one_in(256)) grants_.renew(random_, values_);
        random_.one_in(8) ? messenger_.step() : caller_.step();
    }

    void add(const UserReport& report) {
        if (users_.unexpected == 0) {
            users_.first_kind = report.first_kind;
            users_.first_number = report.first_number;
            users_.first_status = report.first_status;
        }
        users_.calls += report.calls;
        users_.answered_ok += report.answered_ok;
        users_.denied += report.denied;
        users_.unexpected += report.unexpected;
    }

    Settings settings_;
    Random random_;
    Cast cast_;
    Terrain terrain_;
    Population population_{cast_};
    Values values_{random_, cast_};
    Tally tally_;
    UserReport users_;
    Restraints restraints_{random_, cast_, own_service(cast_.self), population_.process_manager()};
    Caller<Restraints> caller_{random_, values_, cast_, tally_, restraints_, ~0ull};
    Messenger messenger_{random_, values_, tally_, cast_};
    GrantEntries grants_;
};

} // namespace

int main() {
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    try {
        const Settings settings = read_settings();
        log_info("FUZZ BEGIN {} calls, seed {}", settings.calls, settings.seed);
        Run run(settings);
        const std::uint32_t slots_before = Population::used_slots();
        run.perform();
        return run.report(slots_before, Population::used_slots()) ? 0 : 1;
    } catch (const std::exception& error) {
        log_error("FUZZ FAILED {}", error.what());
        return 1;
    }
}
