// SPDX-License-Identifier: BSD-3-Clause
// PM, the process manager: user processes by number, their parents and their deaths.

#include "servers/pm/kernel_system.h"
#include "servers/pm/service.h"
#include <cstdlib>

using namespace tessera;

namespace {

// What every incarnation of PM finds again; zero when it is new.
struct Memory {
    pm::ProcessTable::Memory processes;
    pm::Watches::Memory watches;
};

Result<Memory*> preserved_memory() {
    const auto own = TESSERA_TRY((runtime::call<protocol::vm::VmProtocol, protocol::vm::OwnMemory>(endpoints::vm, {})));
    if (own.preserved_bytes < sizeof(Memory)) return Status::out_of_memory;
    return reinterpret_cast<Memory*>(own.preserved.value);
}

} // namespace

int main() {
    const auto memory = preserved_memory();
    if (!memory.has_value()) {
        log_error("no preserved memory for the processes: {}", status_name(memory.error()));
        return EXIT_FAILURE;
    }
    pm::KernelSystem system;
    pm::ProcessTable table((*memory)->processes);
    pm::Watches watches((*memory)->watches, system);
    pm::Service service(table, watches, system);
    const auto found = service.recover();
    log_info("started: {} processes recovered, {} adopted, {} died unseen", found.living, found.adopted, found.unseen);

    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::serve<protocol::pm::PmProtocol>(service);
}
