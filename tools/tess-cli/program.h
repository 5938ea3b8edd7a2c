// SPDX-License-Identifier: BSD-3-Clause
// From the words of the command line to an exit code.
#pragma once

#include "tools/tess-cli/client/channel.h"
#include "tools/tess-cli/client/tcp_stream.h"
#include "tools/tess-cli/host.h"
#include "tools/tess-cli/output/output.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tessera::tess {

using MakeConnector = std::function<std::unique_ptr<Connector>(const Address&)>;

class Program {
public:
    Program(MakeConnector make_connector, Clock& clock, Output& output, Host& host);

    /// `arguments` without the program's name.
    [[nodiscard]] ExitCode run(const std::vector<std::string>& arguments);

private:
    MakeConnector make_connector_;
    Clock& clock_;
    Output& output_;
    Host& host_;
};

} // namespace tessera::tess
