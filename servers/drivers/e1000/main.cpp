// SPDX-License-Identifier: BSD-3-Clause
// e1000: finds its card, resets it, and serves.

#include "servers/drivers/e1000/service.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"
#include <cstdlib>

using namespace tessera;

namespace {

class MappedRegisters final : public e1000::RegisterAccess {
public:
    explicit MappedRegisters(VirtualAddress base) : base_(reinterpret_cast<volatile std::uint32_t*>(base.value)) {}
    std::uint32_t read(e1000::Register which, std::uint32_t index) override { return base_[word(which, index)]; }
    void write(e1000::Register which, std::uint32_t value, std::uint32_t index) override {
        base_[word(which, index)] = value;
    }

private:
    static std::size_t word(e1000::Register which, std::uint32_t index) {
        return static_cast<std::size_t>(which) / sizeof(std::uint32_t) + index;
    }
    volatile std::uint32_t* base_;
};

struct Resources {
    VirtualAddress registers;
    InterruptLine interrupt;
    e1000::CardMemory* memory;
    PhysicalAddress physical;
};

// What RS found and VM keeps for us.
Result<Resources> find_resources() {
    using namespace protocol;
    const auto device = TESSERA_TRY((runtime::call<rs::RsProtocol, rs::DeviceInformation>(endpoints::rs, {})));
    const auto mapped = TESSERA_TRY((runtime::call<vm::VmProtocol, vm::DeviceMap>(
        endpoints::vm, {.base = device.registers, .bytes = device.register_bytes})));
    const auto own = TESSERA_TRY((runtime::call<vm::VmProtocol, vm::OwnMemory>(endpoints::vm, {})));
    if (own.contiguous_bytes < sizeof(e1000::CardMemory)) return Status::out_of_memory;
    return Resources{mapped.address, device.interrupt, reinterpret_cast<e1000::CardMemory*>(own.contiguous.value),
                     own.contiguous_physical};
}

} // namespace

int main() {
    constexpr std::uint32_t reset_patience = 1'000'000;
    const auto found = find_resources();
    if (!found.has_value()) {
        log_error("no card to drive: {}", status_name(found.error()));
        return EXIT_FAILURE;
    }
    MappedRegisters registers(found->registers);
    e1000::Card card(registers, *found->memory, found->physical);
    if (!card.reset(reset_patience).has_value()) {
        log_error("the card does not come out of its reset");
        return EXIT_FAILURE;
    }
    card.start();
    const e1000::MacAddress mac = card.mac_address();
    log_info("card {:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}, interrupt {}, link {}", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5], found->interrupt.value, card.link_up() ? "up" : "down");

    e1000::Service service(card, found->interrupt);
    service.enable_interrupt();
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    runtime::serve<protocol::ethernet::EthernetProtocol>(service);
}
