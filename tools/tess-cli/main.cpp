// SPDX-License-Identifier: BSD-3-Clause
// Composition root of `tess`: the real network, clock, terminal and machine, put together.
#include "tools/tess-cli/client/clock.h"
#include "tools/tess-cli/client/interrupts.h"
#include "tools/tess-cli/client/tcp_connector.h"
#include "tools/tess-cli/host.h"
#include "tools/tess-cli/output/output.h"
#include "tools/tess-cli/program.h"

#include <exception>
#include <format>

int main(int argument_count, char** arguments) {
    using namespace tessera::tess;
    StandardOutput output;
    try {
        output.set_colours(StandardOutput::suitable_colours());
        const Interrupts interrupts = Interrupts::of_this_process();
        SystemClock clock{interrupts};
        LinuxHost host;
        Program program{
            [&interrupts](const Address& address) { return std::make_unique<TcpConnector>(address, interrupts); },
            clock, output, host};
        return static_cast<int>(program.run({arguments + 1, arguments + argument_count}));
    } catch (const std::exception& error) {
        output.note(std::format("tess: {}\n", error.what()));
        return static_cast<int>(ExitCode::refused);
    }
}
