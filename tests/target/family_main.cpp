// SPDX-License-Identifier: BSD-3-Clause
// The service that starts family_user, and waits for its end.

#include "servers/protocols/pm.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"
#include "servers/runtime/service_connection.h"

using namespace tessera;
using namespace tessera::protocol::pm;

int main() {
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::ServiceConnection<PmProtocol> pm{"pm"};
    const auto program = pm.call<Spawn>({.program = Name("family_user")});
    if (!program.has_value()) {
        log_error("family_user was not started: {}", status_name(program.error()));
        return 1;
    }
    (void)pm.call<Wait>({.process_id = program->process_id});
    log_error("family_user ended");
    return 1;
}
