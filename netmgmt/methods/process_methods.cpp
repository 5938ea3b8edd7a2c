// SPDX-License-Identifier: BSD-3-Clause
// process.*: the processes, as the kernel schedules them.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct OneProcess {
    EndpointNumber endpoint;
};

} // namespace

template <> struct EnumNames<ProcessState> {
    static constexpr std::array<std::string_view, 8> names{"running",    "ready",          "sending", "receiving",
                                                           "page_fault", "waiting_for_vm", "stopped", "dead"};
};

template <> struct Shape<ProcessEntry> {
    static constexpr std::tuple members{
        member("endpoint", &ProcessEntry::endpoint, "slot and generation packed; no process ever gets it again"),
        member("slot", &ProcessEntry::slot, "in the kernel's process table"),
        member("generation", &ProcessEntry::generation, "how often the slot was given anew"),
        member("name", &ProcessEntry::name, ""),
        member("state", &ProcessEntry::state, ""),
        member("waits_for", &ProcessEntry::waits_for, "while sending or receiving: \"any\" or the name of a process"),
        member("priority", &ProcessEntry::priority, "0 is the highest"),
        member("processor_time", &ProcessEntry::processor_time, ""),
        member("messages", &ProcessEntry::messages, "sent"),
        member("faults", &ProcessEntry::faults, "page faults"),
        member("service", &ProcessEntry::service, "watched and restarted by rs"),
    };
};

template <> struct Shape<PortRange> {
    static constexpr std::tuple members{
        member("first", &PortRange::first, ""),
        member("last", &PortRange::last, "included"),
    };
};

template <> struct Shape<DeviceMemory> {
    static constexpr std::tuple members{
        member("address", &DeviceMemory::address, "physical"),
        member("bytes", &DeviceMemory::bytes, ""),
    };
};

template <> struct Shape<Privileges> {
    static constexpr std::tuple members{
        member("kernel_calls", &Privileges::kernel_calls, "names of the calls it may make"),
        member("send_to", &Privileges::send_to, "names of those it may send to"),
        member("interrupts", &Privileges::interrupts, "lines it may take"),
        member("io_ports", &Privileges::io_ports, ""),
        member("memory", &Privileges::memory, "of devices"),
    };
};

template <> struct Shape<ProcessDetail> {
    static constexpr auto members =
        std::tuple_cat(Shape<ProcessEntry>::members,
                       std::tuple{
                           member("privileges", &ProcessDetail::privileges, ""),
                           member("instruction_pointer", &ProcessDetail::instruction_pointer, "when it last ran"),
                           member("kernel_calls", &ProcessDetail::kernel_calls, "made"),
                       });
};

template <> struct Shape<OneProcess> {
    static constexpr std::tuple members{member("endpoint", &OneProcess::endpoint, "of the process")};
};

namespace {

Outcome<Nothing> list(Call& call, const ListParameters&, Range range, Visitor<ProcessEntry>& visitor) {
    return listed(call.system.processes.list(range, visitor));
}

Outcome<ProcessDetail> get(Call& call, const OneProcess& parameters) {
    return from_system(call.system.processes.get(parameters.endpoint));
}

constexpr std::array get_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "no process has this endpoint, or has it any more"},
};

constexpr std::array table{
    method<&list>({
        .name = "process.list",
        .summary = "Every process and what it is doing",
        .asks = "kernel",
        .example = {R"({"limit":1})", R"({"items":[{"endpoint":4098,"slot":2,"generation":1,"name":"ds",)"
                                      R"("state":"receiving","waits_for":"any","priority":2,)"
                                      R"("processor_time":"912345","messages":"118","faults":"12","service":true}],)"
                                      R"("next":"3"})"},
    }),
    method<&get>({
        .name = "process.get",
        .summary = "One process with its privileges",
        .asks = "kernel",
        .errors = get_errors,
        .example = {R"({"endpoint":4100})",
                    R"({"endpoint":4100,"slot":4,"generation":1,"name":"e1000","state":"receiving",)"
                    R"("waits_for":"any","priority":1,"processor_time":"40123","messages":"9","faults":"7",)"
                    R"("service":true,"privileges":{"kernel_calls":["safecopy"],"send_to":["vm","rs"],)"
                    R"("interrupts":[11],"io_ports":[{"first":3320,"last":3327}],)"
                    R"("memory":[{"address":"0xfebc0000","bytes":"131072"}]},)"
                    R"("instruction_pointer":"0x401a20","kernel_calls":"31"})"},
    }),
};

} // namespace

std::span<const Method> process_methods() { return table; }

} // namespace tessera::netmgmt
