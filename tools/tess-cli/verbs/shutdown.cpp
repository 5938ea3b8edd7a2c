// SPDX-License-Identifier: BSD-3-Clause
// tess shutdown: stops the system.
#include "tools/tess-cli/verbs/verbs.h"

namespace tessera::tess {

void add_shutdown(Registry& verbs) {
    verbs.add({.name = "shutdown",
               .summary = "Stop the system.",
               .description = "The answer comes before the system stops. Calls system.shutdown.",
               .examples = {{"tess shutdown", "the system is stopping\n"}}},
              [](Session& session) {
                  return session.show(session.call("system.shutdown"), [](const Json&, const Output&) {
                      return std::string{"the system is stopping\n"};
                  });
              });
}

} // namespace tessera::tess
