// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/interval_timer.h"
#include "kernel/arch/x86_64/registers.h"

namespace tessera::kernel::x86_64::interval_timer {

namespace {

constexpr std::uint16_t channel0 = 0x40, channel2 = 0x42, control = 0x43;
constexpr std::uint16_t system_control = 0x61; // bit 0: gate of channel 2, bit 1: speaker, bit 5: output of channel 2
constexpr std::uint8_t gate2 = 1u << 0, speaker = 1u << 1, output2 = 1u << 5;
// Low then high byte, mode 0: the output rises when the count is over, and stays.
constexpr std::uint8_t channel0_one_shot = 0x30, channel2_one_shot = 0xb0;

constexpr std::uint64_t measured_fraction = 200; // of a second: 5 ms
constexpr std::uint64_t measured_counts = hertz / measured_fraction;

void load(std::uint16_t channel, std::uint64_t count) {
    out8(channel, static_cast<std::uint8_t>(count));
    out8(channel, static_cast<std::uint8_t>(count >> 8));
}

struct Measurement {
    std::uint64_t ticks = 0;
    std::uint64_t doubt = 0; // ticks that passed unseen around its begin and its end
};

Measurement measure() {
    out8(system_control, static_cast<std::uint8_t>((in8(system_control) & ~speaker) | gate2));
    out8(control, channel2_one_shot);
    const std::uint64_t before = read_counter();
    load(channel2, measured_counts);
    const std::uint64_t begin = read_counter();
    std::uint64_t last = begin, now = begin;
    for (bool over = false; !over; now = read_counter()) {
        last = now;
        over = (in8(system_control) & output2) != 0;
    }
    return {.ticks = now - begin, .doubt = (begin - before) + (now - last)};
}

} // namespace

void start(std::uint64_t counts) {
    out8(control, channel0_one_shot);
    load(channel0, counts);
}

// Where the machine is itself a program, its host may have been elsewhere at the wrong moment: then once more.
std::uint64_t measure_counter_rate() {
    constexpr int attempts = 5;
    constexpr std::uint64_t tolerated_fraction = 256;
    Measurement best = measure();
    for (int i = 1; i < attempts && best.doubt > best.ticks / tolerated_fraction; ++i)
        if (const Measurement next = measure(); next.doubt * best.ticks < best.doubt * next.ticks) best = next;
    return best.ticks * hertz / measured_counts;
}

} // namespace tessera::kernel::x86_64::interval_timer
