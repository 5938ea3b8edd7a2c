// SPDX-License-Identifier: BSD-3-Clause
// PM, the process manager: user processes by number, their parents and their deaths.

#include "servers/pm/kernel_system.h"
#include "servers/pm/service.h"
#include <cstdlib>

using namespace tessera;

namespace {

// The table that every incarnation of PM finds again; cleared when it is new.
Result<pm::ProcessTable> preserved_table() {
    const auto own = TESSERA_TRY((runtime::call<protocol::vm::VmProtocol, protocol::vm::OwnMemory>(endpoints::vm, {})));
    if (own.preserved_bytes < sizeof(pm::ProcessTable::Memory)) return Status::out_of_memory;
    pm::ProcessTable table(*reinterpret_cast<pm::ProcessTable::Memory*>(own.preserved.value));
    if (own.inherited == 0) table.clear();
    return table;
}

} // namespace

int main() {
    auto table = preserved_table();
    if (!table.has_value()) {
        log_error("no preserved memory for the process table: {}", status_name(table.error()));
        return EXIT_FAILURE;
    }
    pm::KernelSystem system;
    pm::Service service(*table, system);
    const auto found = service.recover();
    log_info("started: {} processes recovered, {} adopted, {} died unseen", found.living, found.adopted, found.unseen);

    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::serve<protocol::pm::PmProtocol>(service);
}
