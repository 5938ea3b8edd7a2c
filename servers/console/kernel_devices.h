// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real ports, log, process names and screen.

#include "kernel/abi/boot_info.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/time_and_log.h"
#include "servers/console/printer.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"

namespace tessera::console {

template <class T> VirtualAddress address_of(T& object) { return {reinterpret_cast<std::uint64_t>(&object)}; }

class KernelPorts final : public Ports {
public:
    std::uint8_t read(IoPort port) override {
        const auto reply = kernel_call<kernel_calls::PortRead>({.port = port, .width = kernel_calls::IoWidth::byte});
        return reply.has_value() ? static_cast<std::uint8_t>(reply->value) : 0xff; // as an empty bus reads
    }
    void write(IoPort port, std::uint8_t value) override {
        (void)kernel_call<kernel_calls::PortWrite>(
            {.port = port, .width = kernel_calls::IoWidth::byte, .value = value});
    }
};

class KernelLog final : public Log {
public:
    Result<LogRecord> read(std::uint64_t sequence) override {
        LogRecord record;
        TESSERA_TRY(kernel_call<kernel_calls::LogRead>({.sequence = sequence, .address = address_of(record)}));
        return record;
    }
};

class KernelProcesses final : public Processes {
public:
    std::optional<Name> name_of(Endpoint process) override {
        ProcessInformation information;
        const auto reply =
            kernel_call<kernel_calls::ProcessRead>({.slot = process.slot(), .address = address_of(information)});
        if (!reply.has_value() || information.endpoint != process) return std::nullopt;
        return information.name;
    }
};

// The cells of the text screen. no_device: a UEFI machine has a frame buffer instead, which needs a font.
inline Result<std::span<volatile std::uint16_t>> map_text_screen() {
    constexpr PhysicalAddress base{0xb'8000}; // colour text memory of a VGA
    kernel_calls::MachineInformation machine;
    TESSERA_TRY(kernel_call<kernel_calls::MachineRead>({.address = address_of(machine)}));
    if (machine.firmware != static_cast<std::uint64_t>(Firmware::bios)) return Status::no_device;
    const auto mapped = TESSERA_TRY((runtime::call<protocol::vm::VmProtocol, protocol::vm::DeviceMap>(
        endpoints::vm, {.base = base, .bytes = page_bytes})));
    return std::span(reinterpret_cast<volatile std::uint16_t*>(mapped.address.value), TextScreen::cells);
}

} // namespace tessera::console
