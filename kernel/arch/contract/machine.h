// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the kernel needs of a machine besides contexts and address spaces: time, interrupt lines, ports, the early
// console.

#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/strong.h"
#include <cstdint>
#include <string_view>

namespace tessera::kernel::arch {

Ticks counter();              // the time-stamp counter
std::uint64_t counter_rate(); // ticks per second, known since boot

// One clock interrupt when the counter reaches `when`, at once if it has; takes the place of what was asked for before.
// It may come too early, where the machine's timer reaches no further, and one that was taken back may still come: the
// kernel looks at the time.
void arm_timer(Ticks when);

inline constexpr std::uint32_t interrupt_lines = 16; // those of the ISA bus, which PCI devices share
// Never a driver's: the interval timer, which the kernel may use, and the cascade of the 8259s.
inline constexpr bool is_kernel_line(InterruptLine line) { return line.value == 0 || line.value == 2; }
void mask_line(InterruptLine line);
void unmask_line(InterruptLine line);
// What becomes of an interrupt that a device raises while its line is masked: it comes with unmask_line, or never.
enum class WhileMasked : std::uint8_t { kept, lost };
WhileMasked while_masked(InterruptLine line);
void wait_for_interrupt(); // with interrupts let in; returns after one was handled

std::uint64_t read_port(IoPort port, kernel_calls::IoWidth width);
void write_port(IoPort port, kernel_calls::IoWidth width, std::uint64_t value);

void console_write(std::string_view text); // polled, for the time when no console server prints
void describe(kernel_calls::MachineInformation& information);
[[noreturn]] void power_off();
[[noreturn]] void reboot();
[[noreturn]] void halt(); // for ever, with interrupts off

} // namespace tessera::kernel::arch
