// SPDX-License-Identifier: BSD-3-Clause
// Every verb of `tess`, one file each; the order here is the order of --help and of docs/cli.md.
#pragma once

#include "tools/tess-cli/registry.h"

namespace tessera::tess {

void add_run(Registry& verbs);
void add_ps(Registry& verbs);
void add_vm(Registry& verbs);
void add_ds(Registry& verbs);
void add_grants(Registry& verbs);
void add_graph(Registry& verbs);
void add_service(Registry& verbs);
void add_log(Registry& verbs);
void add_trace(Registry& verbs);
void add_fault(Registry& verbs);
void add_counters(Registry& verbs);
void add_kernel(Registry& verbs);
void add_info(Registry& verbs);
void add_uptime(Registry& verbs);
void add_call(Registry& verbs);
void add_discover(Registry& verbs);
void add_doctor(Registry& verbs);
void add_shutdown(Registry& verbs);
void add_reboot(Registry& verbs);
void add_manual(Registry& verbs);

void add_all(Registry& verbs);

} // namespace tessera::tess
