// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/timer.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/arch/x86_64/registers.h"

namespace tessera::kernel::x86_64 {

namespace {

constexpr std::uint64_t timer_hertz = 1'193'182;
constexpr std::uint16_t channel0 = 0x40, channel2 = 0x42, control = 0x43;
constexpr std::uint16_t system_control = 0x61; // bit 0: gate of channel 2, bit 1: speaker, bit 5: output of channel 2
constexpr std::uint8_t gate2 = 1u << 0, speaker = 1u << 1, output2 = 1u << 5;
constexpr std::uint8_t channel0_rate_generator = 0x34; // channel 0, low then high byte, mode 2
constexpr std::uint8_t channel2_one_shot = 0xb0;       // channel 2, low then high byte, mode 0

void load(std::uint16_t channel, std::uint64_t count) {
    out8(channel, static_cast<std::uint8_t>(count));
    out8(channel, static_cast<std::uint8_t>(count >> 8));
}

} // namespace

void start_periodic_timer() {
    out8(control, channel0_rate_generator);
    load(channel0, timer_hertz * arch::clock_tick_nanoseconds / 1'000'000'000);
    arch::unmask_line({0});
}

std::uint64_t measure_counter_rate() {
    constexpr std::uint64_t measured_fraction = 200; // of a second: 5 ms
    constexpr std::uint64_t count = timer_hertz / measured_fraction;
    out8(system_control, static_cast<std::uint8_t>((in8(system_control) & ~speaker) | gate2));
    out8(control, channel2_one_shot);
    load(channel2, count);
    const std::uint64_t begin = read_counter();
    while ((in8(system_control) & output2) == 0) {
    }
    const std::uint64_t ticks = read_counter() - begin;
    return ticks * timer_hertz / count;
}

} // namespace tessera::kernel::x86_64
