// SPDX-License-Identifier: BSD-3-Clause
// tess run: boots a system, by handing over to tools/run.
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

void add_run(Registry& verbs) {
    auto words = std::make_shared<std::vector<std::string>>();
    VerbParser& parser = verbs.add(
        {.name = "run",
         .summary = "Boot a system on Bochs or QEMU and show it.",
         .description =
             "Hands over to tools/run of the source tree with the same arguments; `tess run --help` is its help. "
             "A --port before `run` is passed on.",
         .examples = {}},
        [words](Session& session) -> Result<void> {
            std::vector<std::string> arguments = *words;
            if (session.target().reason == "--port") {
                arguments.insert(arguments.begin(), {"--port", std::to_string(session.target().address.port)});
            }
            return session.host().become("tools/run", arguments);
        });
    parser.pass_on(*words);
}

} // namespace tessera::tess
