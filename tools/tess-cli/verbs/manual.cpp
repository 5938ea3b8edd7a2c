// SPDX-License-Identifier: BSD-3-Clause
// tess manual: docs/cli.md, made from the table of verbs.
#include "tools/tess-cli/manual_page.h"
#include "tools/tess-cli/verbs/verbs.h"

namespace tessera::tess {

void add_manual(Registry& verbs) {
    verbs.add({.name = "manual",
               .summary = "Print the manual of all verbs as Markdown.",
               .description = "docs/cli.md is this output; a unit test compares them.",
               .examples = {}},
              [&verbs](Session& session) -> Result<void> {
                  session.output().write(manual_page(verbs));
                  return {};
              });
}

} // namespace tessera::tess
