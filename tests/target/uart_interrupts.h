// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The second serial port as a source of interrupts that can be counted: with nothing to send, enabling its "transmitter
// empty" interrupt raises the line at once, and reading the interrupt identification takes it back. National
// Semiconductor PC16550D data sheet, 8.5 and 8.6. The line is edge-triggered.

#include "kernel/abi/calls/devices.h"
#include "servers/runtime/kernel.h"

namespace tessera::target {

class UartInterrupts {
public:
    static constexpr InterruptLine line{3};

    // Nothing is raised. The line must be enabled by interrupt_enable.
    UartInterrupts() {
        write(Register::line_control, 0x03); // eight bits; no access to the divisor
        write(Register::interrupt_enable, 0);
        write(Register::modem_control, 0x08); // output 2 connects the line on a PC
        (void)read(Register::interrupt_identification);
    }

    void raise() const { write(Register::interrupt_enable, transmitter_empty); }
    void plain_write() const { write(Register::scratch, transmitter_empty); } // what raise() costs without an interrupt

    // Whether the line was raised; it no longer is, and can be raised again.
    bool take_back() const {
        constexpr std::uint8_t pending_mask = 0x0f, transmitter_empty_pending = 0x02;
        const bool raised = (read(Register::interrupt_identification) & pending_mask) == transmitter_empty_pending;
        write(Register::interrupt_enable, 0);
        return raised;
    }

private:
    enum class Register : std::uint16_t {
        interrupt_enable = 1,
        interrupt_identification = 2,
        line_control = 3,
        modem_control = 4,
        scratch = 7,
    };
    static constexpr std::uint8_t transmitter_empty = 0x02; // in interrupt_enable

    static IoPort port(Register which) {
        constexpr std::uint16_t base = 0x2f8;
        return {static_cast<std::uint16_t>(base + static_cast<std::uint16_t>(which))};
    }
    static std::uint8_t read(Register which) {
        const auto reply =
            kernel_call<kernel_calls::PortRead>({.port = port(which), .width = kernel_calls::IoWidth::byte});
        return reply.has_value() ? static_cast<std::uint8_t>(reply->value) : 0xff;
    }
    static void write(Register which, std::uint8_t value) {
        (void)kernel_call<kernel_calls::PortWrite>(
            {.port = port(which), .width = kernel_calls::IoWidth::byte, .value = value});
    }
};

} // namespace tessera::target
