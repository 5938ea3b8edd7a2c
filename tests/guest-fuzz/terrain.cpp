// SPDX-License-Identifier: BSD-3-Clause
#include "tests/guest-fuzz/terrain.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "tests/target/check.h"

namespace tessera::guest_fuzz {

namespace {

using namespace protocol::vm;

void map(VirtualAddress address, std::uint64_t bytes, Protection protection) {
    target::require_value(runtime::call<VmProtocol, Map>(
        endpoints::vm,
        {.address = address, .bytes = bytes, .protection = protection, .placement = MapPlacement::exactly}));
}

} // namespace

void Terrain::renew() {
    remove();
    map(writable, writable_bytes, Protection::read | Protection::write);
    map(read_only, page_bytes, Protection::read);
    map(untouched, untouched_bytes, Protection::read | Protection::write);
}

void Terrain::remove() { (void)runtime::call<VmProtocol, Unmap>(endpoints::vm, {.address = base, .bytes = bytes}); }

} // namespace tessera::guest_fuzz
