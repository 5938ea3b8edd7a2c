// SPDX-License-Identifier: BSD-3-Clause
// DS, the data store: values under keys, which survive the death of their owners and of DS.

#include "servers/ds/kernel_clients.h"
#include "servers/ds/service.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/log_format.h"
#include <cstdlib>

using namespace tessera;

namespace {

// The memory that every incarnation of DS finds again.
struct Preserved {
    std::span<std::byte> memory;
    ds::Origin origin = ds::Origin::fresh;
};

Result<Preserved> preserved_memory() {
    const auto own = TESSERA_TRY((runtime::call<protocol::vm::VmProtocol, protocol::vm::OwnMemory>(endpoints::vm, {})));
    if (own.preserved_bytes < ds::Store::memory_bytes) return Status::out_of_memory;
    return Preserved{
        .memory = {reinterpret_cast<std::byte*>(own.preserved.value), ds::Store::memory_bytes},
        .origin = own.inherited != 0 ? ds::Origin::inherited : ds::Origin::fresh,
    };
}

void report(const ds::Store::Report& found, ds::Origin origin) {
    const std::size_t damaged = found.entries.damaged + found.subscriptions.damaged;
    if (damaged != 0) log_error("dropped {} damaged records", damaged);
    if (found.damaged_snapshots != 0) log_error("dropped {} damaged snapshots", found.damaged_snapshots);
    if (origin == ds::Origin::inherited)
        log_info("recovered {} entries and {} subscriptions", found.entries.kept, found.subscriptions.kept);
    else
        log_info("started with an empty store");
}

} // namespace

int main() {
    const auto preserved = preserved_memory();
    if (!preserved.has_value()) {
        log_error("no preserved memory of {} bytes: {}", ds::Store::memory_bytes, status_name(preserved.error()));
        return EXIT_FAILURE;
    }
    ds::PreservedMemory memory(preserved->memory);
    ds::Store store(memory);
    report(store.open(preserved->origin), preserved->origin);

    ds::KernelClients clients;
    runtime::GrantTable grants;
    ds::Service service(store, clients, grants);
    service.update_labels();
    if (const std::size_t lost = service.resume_maps(); lost != 0)
        log_warning("{} map entries lost their memory", lost);

    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::serve<protocol::ds::DsProtocol>(service);
}
