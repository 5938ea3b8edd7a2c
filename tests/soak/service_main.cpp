// SPDX-License-Identifier: BSD-3-Clause
// The service that starts the program and reports how it ended. README.md.

#include "kernel/abi/calls/information.h"
#include "servers/protocols/pm.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/log_format.h"
#include "servers/runtime/service_connection.h"
#include "tests/soak/protocol.h"
#include <charconv>
#include <string_view>

using namespace tessera;

namespace {

constexpr std::uint64_t report_seconds = 30;

void read_number(std::string_view line, std::string_view key, std::uint64_t& number) {
    const auto at = line.find(key);
    if (at != line.npos) std::from_chars(line.data() + at + key.size(), line.data() + line.size(), number);
}

soak::Order read_order() {
    soak::Order order;
    kernel_calls::MachineInformation machine;
    if (!kernel_call<kernel_calls::MachineRead>({.address = {reinterpret_cast<std::uint64_t>(&machine)}}).has_value())
        return order;
    const std::string_view line = machine.command_line.data();
    read_number(line, "soak_seed=", order.seed);
    read_number(line, "soak_seconds=", order.seconds);
    return order;
}

// One line of where memory is: what a report of the course is made from.
void report_memory(std::string_view when) {
    const auto memory = runtime::call<protocol::vm::VmProtocol, protocol::vm::MemoryStatistics>(endpoints::vm, {});
    if (!memory.has_value()) return log_error("SOAK FAILED {}", status_name(memory.error()));
    log_info("SOAK MEMORY {} at {} s: free {} largest {} tables {} vm {} processes {} preserved {} spaces {}", when,
             now().value / 1'000'000'000, memory->free, memory->largest_free_block, memory->page_tables, memory->vm_own,
             memory->process, memory->preserved, memory->spaces);
}

using protocol::pm::Wait;

// The end of the program, and on the way to it a report now and then.
Result<Wait::Reply> run(const soak::Order& order) {
    using namespace protocol::pm;
    runtime::ServiceConnection<PmProtocol> pm{"pm"};
    const auto program = TESSERA_TRY(pm.call<Spawn>({.program = Name("vm_soak_user")}));
    TESSERA_TRY(send(program.endpoint, pack(order)));
    for (std::uint64_t seconds = 0;; ++seconds) {
        const auto end = TESSERA_TRY(pm.call<Wait>({.process_id = program.process_id, .time = WaitTime::none}));
        if (end.process_id != 0) return end;
        if (seconds % report_seconds == report_seconds - 1) report_memory("course");
        TESSERA_TRY(sleep_for(milliseconds(1000)));
    }
}

bool ended_well(std::string_view which, const Result<Wait::Reply>& end) {
    if (!end.has_value()) {
        log_error("SOAK FAILED {}", status_name(end.error()));
        return false;
    }
    log_info("SOAK END of the {}: cause {} status {}", which, static_cast<int>(end->cause), end->detail);
    return end->cause == DeathCause::exited && end->detail == 0;
}

} // namespace

int main() {
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    const soak::Order order = read_order();
    log_info("SOAK BEGIN seed {}, {} s", order.seed, order.seconds);
    // Once before the first look: the heaps of those that serve grow to what they need.
    bool good = ended_well("beginning", run({.seed = order.seed + 1, .seconds = 5}));
    report_memory("before");
    good = good && ended_well("work", run(order));
    report_memory("after");
    log_info("SOAK DONE {}", good ? "well" : "badly");
    return good ? 0 : 1;
}
