// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/verbs.h"

namespace tessera::tess {

void add_all(Registry& verbs) {
    add_run(verbs);
    add_ps(verbs);
    add_vm(verbs);
    add_ds(verbs);
    add_grants(verbs);
    add_graph(verbs);
    add_service(verbs);
    add_log(verbs);
    add_trace(verbs);
    add_fault(verbs);
    add_counters(verbs);
    add_kernel(verbs);
    add_info(verbs);
    add_uptime(verbs);
    add_call(verbs);
    add_discover(verbs);
    add_doctor(verbs);
    add_shutdown(verbs);
    add_reboot(verbs);
    add_manual(verbs);
}

} // namespace tessera::tess
