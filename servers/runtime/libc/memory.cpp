// SPDX-License-Identifier: BSD-3-Clause
// mmap, munmap, mprotect and brk by way of VM. Only anonymous memory: there are no files to map.

#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/libc/linux.h"
#include <sys/mman.h>

namespace tessera::libc {

namespace {

using protocol::vm::MapPlacement;
using protocol::vm::MapSharing;
using protocol::vm::Protection;
using protocol::vm::VmProtocol;

Protection protection_of(long flags) {
    Protection protection = Protection::none;
    if ((flags & PROT_READ) != 0) protection = protection | Protection::read;
    if ((flags & PROT_WRITE) != 0) protection = protection | Protection::write;
    if ((flags & PROT_EXEC) != 0) protection = protection | Protection::execute;
    return protection;
}

} // namespace

LinuxResult map_memory(const Arguments& arguments) {
    const auto [address, bytes, protection, flags, file, offset] = arguments;
    if ((flags & MAP_ANONYMOUS) == 0) return linux_error(Status::no_device);
    const long type = flags & MAP_TYPE;
    if (type != MAP_PRIVATE && type != MAP_SHARED) return linux_error(Status::invalid);
    const auto placement = (flags & MAP_FIXED) != 0 ? MapPlacement::exactly : MapPlacement::anywhere;
    const auto reply = runtime::call<VmProtocol, protocol::vm::Map>(
        endpoints::vm, {.address = {static_cast<std::uint64_t>(address)},
                        .bytes = static_cast<std::uint64_t>(bytes),
                        .protection = protection_of(protection),
                        .placement = placement,
                        .sharing = type == MAP_SHARED ? MapSharing::shared : MapSharing::own});
    return reply.has_value() ? static_cast<LinuxResult>(reply->address.value) : linux_error(reply.error());
}

// Linux answers where the end is then, moved or not.
LinuxResult move_break(const Arguments& arguments) {
    using protocol::vm::Break;
    const VirtualAddress wanted{static_cast<std::uint64_t>(arguments.a)};
    auto reply = runtime::call<VmProtocol, Break>(endpoints::vm, {.end = wanted});
    if (!reply.has_value() && wanted != VirtualAddress{}) reply = runtime::call<VmProtocol, Break>(endpoints::vm, {});
    return reply.has_value() ? static_cast<LinuxResult>(reply->end.value) : linux_error(reply.error());
}

LinuxResult unmap_memory(const Arguments& arguments) {
    const auto reply = runtime::call<VmProtocol, protocol::vm::Unmap>(
        endpoints::vm,
        {.address = {static_cast<std::uint64_t>(arguments.a)}, .bytes = static_cast<std::uint64_t>(arguments.b)});
    return reply.has_value() ? 0 : linux_error(reply.error());
}

LinuxResult protect_memory(const Arguments& arguments) {
    const auto reply = runtime::call<VmProtocol, protocol::vm::Protect>(
        endpoints::vm, {.address = {static_cast<std::uint64_t>(arguments.a)},
                        .bytes = static_cast<std::uint64_t>(arguments.b),
                        .protection = protection_of(arguments.c)});
    return reply.has_value() ? 0 : linux_error(reply.error());
}

} // namespace tessera::libc
