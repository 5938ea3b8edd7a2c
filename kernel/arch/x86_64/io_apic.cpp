// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/io_apic.h"
#include "kernel/arch/x86_64/address_space.h"
#include "kernel/arch/x86_64/descriptors.h"

namespace tessera::kernel::x86_64 {

namespace {

// One register selects, the other reads and writes: data sheet, 3.1.
constexpr std::uint64_t select_offset = 0x00, window_offset = 0x10;

constexpr std::uint32_t version_index = 0x01; // bits 16..23: number of the last input
constexpr std::uint32_t low_index(std::uint32_t input) { return 0x10 + 2 * input; }
constexpr std::uint32_t high_index(std::uint32_t input) { return low_index(input) + 1; }

// Redirection entry: 3.2.4. Fixed delivery to a physical destination is 0.
constexpr std::uint32_t active_low = 1u << 13, level_triggered = 1u << 15, masked = 1u << 16;
constexpr unsigned destination_shift = 24; // in the high half

} // namespace

volatile std::uint32_t& IoApic::register_at(std::uint64_t offset) const {
    return *reinterpret_cast<volatile std::uint32_t*>(registers_ + offset);
}

std::uint32_t IoApic::read(std::uint32_t index) const {
    register_at(select_offset) = index;
    return register_at(window_offset);
}

void IoApic::write(std::uint32_t index, std::uint32_t value) {
    register_at(select_offset) = index;
    register_at(window_offset) = value;
}

void IoApic::initialise(const InterruptPlan& plan, std::uint32_t local_apic) {
    map_fixed(FixedPage::io_apic, plan.io_apic.page(), FixedAccess::device);
    registers_ = fixed_address(FixedPage::io_apic) + plan.io_apic.page_offset();
    const std::uint32_t last_input = read(version_index) >> 16 & 0xff;
    for (std::uint32_t input = 0; input <= last_input; ++input) write(low_index(input), masked);
    for (std::uint32_t line = 0; line < lines_.size(); ++line)
        if (plan.lines[line].connected && plan.lines[line].input <= last_input)
            connect(lines_[line], plan.lines[line], first_line_vector + line, local_apic);
}

void IoApic::connect(Line& line, const LineRoute& route, std::uint32_t vector, std::uint32_t local_apic) {
    std::uint32_t entry = vector | masked;
    if (route.polarity == Polarity::active_low) entry |= active_low;
    if (route.trigger == TriggerMode::level) entry |= level_triggered;
    line = {.connected = true, .trigger = route.trigger, .input = route.input, .entry = entry};
    write(high_index(line.input), local_apic << destination_shift);
    write(low_index(line.input), entry);
}

void IoApic::mask(InterruptLine line) { change(lines_[line.value], lines_[line.value].entry | masked); }

void IoApic::unmask(InterruptLine line) { change(lines_[line.value], lines_[line.value].entry & ~masked); }

void IoApic::change(Line& line, std::uint32_t entry) {
    if (!line.connected || line.entry == entry) return;
    line.entry = entry;
    write(low_index(line.input), entry);
}

} // namespace tessera::kernel::x86_64
