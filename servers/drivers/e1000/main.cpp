// SPDX-License-Identifier: BSD-3-Clause
// The driver of Intel's 8254x Ethernet devices (Bochs and QEMU: 82540EM), an ordinary process.

#include "servers/drivers/e1000/kernel_devices.h"
#include "servers/drivers/e1000/service.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"
#include <cstdlib>

using namespace tessera;

namespace {

struct Resources {
    VirtualAddress registers;
    InterruptLine interrupt;
    e1000::DeviceMemory memory;
};

// What RS found and VM keeps for us.
Result<Resources> find_resources() {
    using namespace protocol;
    const auto device = TESSERA_TRY((runtime::call<rs::RsProtocol, rs::DeviceInformation>(endpoints::rs, {})));
    const auto mapped = TESSERA_TRY((runtime::call<vm::VmProtocol, vm::DeviceMap>(
        endpoints::vm, {.base = device.registers, .bytes = device.register_bytes})));
    const auto own = TESSERA_TRY((runtime::call<vm::VmProtocol, vm::OwnMemory>(endpoints::vm, {})));
    if (own.contiguous_bytes < sizeof(e1000::DmaArea)) return Status::out_of_memory;
    auto& area = *reinterpret_cast<e1000::DmaArea*>(own.contiguous.value);
    return Resources{mapped.address, device.interrupt, e1000::DeviceMemory(area, own.contiguous_physical)};
}

int fail(std::string_view what, Status status) {
    log_error("{}: {}", what, status_name(status));
    return EXIT_FAILURE;
}

} // namespace

int main() {
    const auto found = find_resources();
    if (!found.has_value()) return fail("no device to drive", found.error());

    e1000::MappedRegisters registers(found->registers);
    e1000::KernelClock clock;
    e1000::KernelClients clients;
    e1000::Controller controller(registers, clock);
    e1000::KernelPublication publication;
    e1000::PublishedStatistics published(publication);
    e1000::Driver driver(registers, controller, found->memory, clients, published.statistics());
    const auto address = driver.start();
    if (!address.has_value()) return fail("the device does not start", address.error());
    const auto& mac = *address;
    log_info("address {:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}, interrupt {}, link {}", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5], found->interrupt.value, driver.link_up() ? "up" : "down");

    e1000::Service service(driver, *address, found->interrupt, published);
    service.enable_interrupt();
    service.publish_statistics();
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::serve<protocol::ethernet::EthernetProtocol>(service);
}
