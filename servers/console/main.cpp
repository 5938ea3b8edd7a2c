// SPDX-License-Identifier: BSD-3-Clause
// The console: prints the system log on COM1 and on the text screen.

#include "kernel/abi/calls/time_and_log.h"
#include "servers/console/kernel_devices.h"
#include "servers/console/service.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/log_format.h"
#include "servers/runtime/server.h"
#include <optional>

using namespace tessera;

namespace {

constexpr IoPort com1{0x3f8};

// Where the last incarnation stopped, or null: without preserved memory every incarnation begins with the first line.
console::Progress* preserved_progress() {
    const auto own = runtime::call<protocol::vm::VmProtocol, protocol::vm::OwnMemory>(endpoints::vm, {});
    if (!own.has_value() || own->preserved_bytes < sizeof(console::Progress)) return nullptr;
    return reinterpret_cast<console::Progress*>(own->preserved.value);
}

} // namespace

int main() {
    // From here on the kernel does not print; what it printed before is marked in the log.
    if (const auto watching = kernel_call<kernel_calls::LogWatch>({}); !watching.has_value())
        log_error("may not watch the log: {}", status_name(watching.error()));

    console::KernelPorts ports;
    console::SerialLine line(ports, com1);
    line.initialise();

    const auto cells = console::map_text_screen();
    std::optional<console::TextScreen> screen;
    if (cells.has_value()) screen.emplace(*cells);

    console::KernelLog log;
    console::KernelProcesses processes;
    console::SourceNames names(processes);
    console::Progress from_the_start;
    console::Progress* preserved = preserved_progress();
    console::Printer printer(log, names, line, screen ? &*screen : nullptr, preserved ? *preserved : from_the_start);
    console::Service service(printer);
    printer.resume();
    log_info("printing on COM1 and {}", screen ? "the text screen" : "no screen (there is no VGA text mode)");
    service.print();

    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::serve<console::NoOperations>(service);
}
