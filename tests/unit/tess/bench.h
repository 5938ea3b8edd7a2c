// SPDX-License-Identifier: BSD-3-Clause
// The whole program over a scripted system: words in, text and exit code out.
#pragma once

#include "tests/unit/tess/captured_output.h"
#include "tests/unit/tess/scripted_host.h"
#include "tests/unit/tess/scripted_system.h"
#include "tools/tess-cli/program.h"

#include <string>
#include <vector>

namespace tessera::tess {

struct Bench {
    HandClock clock;
    ScriptedSystem system{clock};
    ScriptedHost host;
    CapturedOutput output;

    ExitCode run(const std::vector<std::string>& arguments) {
        Program program{[this](const Address& address) {
                            asked = address;
                            return system.connector();
                        },
                        clock, output, host};
        return program.run(arguments);
    }

    Address asked; ///< where the program wanted to connect to
};

} // namespace tessera::tess
