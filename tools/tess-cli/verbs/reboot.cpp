// SPDX-License-Identifier: BSD-3-Clause
// tess reboot: starts the system anew.
#include "tools/tess-cli/verbs/verbs.h"

namespace tessera::tess {

void add_reboot(Registry& verbs) {
    verbs.add({.name = "reboot",
               .summary = "Start the system anew.",
               .description = "The answer comes before the system goes down. Calls system.reboot.",
               .examples = {{"tess reboot", "the system is rebooting\n"}}},
              [](Session& session) {
                  return session.show(session.call("system.reboot"), [](const Json&, const Output&) {
                      return std::string{"the system is rebooting\n"};
                  });
              });
}

} // namespace tessera::tess
