// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the kernel needs of a machine besides contexts and address spaces: time, interrupt lines, ports, the early
// console.

#include "kernel/abi/kernel_calls.h"
#include "kernel/abi/strong.h"
#include <cstdint>
#include <string_view>

namespace tessera::kernel::arch {

Ticks counter();                                                   // the time-stamp counter
std::uint64_t counter_rate();                                      // ticks per second, measured at boot
inline constexpr std::uint64_t clock_tick_nanoseconds = 5'000'000; // period of the clock interrupt

inline constexpr std::uint32_t interrupt_lines = 16;
void mask_line(InterruptLine line);
void unmask_line(InterruptLine line);
void wait_for_interrupt(); // with interrupts let in; returns after one was handled

std::uint64_t read_port(IoPort port, kernel_calls::IoWidth width);
void write_port(IoPort port, kernel_calls::IoWidth width, std::uint64_t value);

void console_write(std::string_view text); // polled, for the time when no console server prints
void describe(kernel_calls::MachineInformation& information);
[[noreturn]] void power_off();
[[noreturn]] void reboot();
[[noreturn]] void halt(); // for ever, with interrupts off

} // namespace tessera::kernel::arch
