// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/pic.h"
#include "kernel/arch/x86_64/descriptors.h"
#include "kernel/arch/x86_64/registers.h"

namespace tessera::kernel::x86_64::pic {

namespace {

enum class Port : std::uint16_t { first_command = 0x20, first_data = 0x21, second_command = 0xa0, second_data = 0xa1 };

constexpr std::uint8_t begin_initialisation = 0x11; // ICW1: edge triggered, cascade, ICW4 follows
constexpr std::uint8_t mode_8086 = 0x01;            // ICW4
constexpr std::uint8_t end_of_interrupt = 0x20;     // OCW2
constexpr std::uint8_t read_in_service = 0x0b;      // OCW3
constexpr std::uint32_t cascade_line = 2;
constexpr std::uint32_t lines_each = 8;

std::uint8_t read(Port port) { return in8(static_cast<std::uint16_t>(port)); }
void write(Port port, std::uint8_t value) { out8(static_cast<std::uint16_t>(port), value); }

Port data_port(InterruptLine line) { return line.value < lines_each ? Port::first_data : Port::second_data; }
std::uint8_t bit(InterruptLine line) { return static_cast<std::uint8_t>(1u << line.value % lines_each); }

} // namespace

void initialise() {
    write(Port::first_command, begin_initialisation);
    write(Port::second_command, begin_initialisation);
    write(Port::first_data, first_line_vector);
    write(Port::second_data, first_line_vector + lines_each);
    write(Port::first_data, 1u << cascade_line);
    write(Port::second_data, cascade_line);
    write(Port::first_data, mode_8086);
    write(Port::second_data, mode_8086);
    write(Port::first_data, static_cast<std::uint8_t>(~(1u << cascade_line)));
    write(Port::second_data, 0xff);
}

bool accept(InterruptLine line) {
    const bool second = line.value >= lines_each;
    const Port command = second ? Port::second_command : Port::first_command;
    write(command, read_in_service);
    if ((read(command) & bit(line)) != 0) return true;
    if (second) write(Port::first_command, end_of_interrupt);
    return false;
}

void finish(InterruptLine line) {
    if (line.value >= lines_each) write(Port::second_command, end_of_interrupt);
    write(Port::first_command, end_of_interrupt);
}

std::uint32_t level_lines() {
    constexpr std::uint16_t edge_level_control = 0x4d0;
    constexpr std::uint32_t always_edge = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 8 | 1u << 13;
    const std::uint32_t lines = in8(edge_level_control) | std::uint32_t{in8(edge_level_control + 1)} << 8;
    return (lines & always_edge) == 0 ? lines : 0; // else there are no such registers
}

void mask(InterruptLine line) {
    const Port port = data_port(line);
    write(port, read(port) | bit(line));
}

void unmask(InterruptLine line) {
    const Port port = data_port(line);
    write(port, static_cast<std::uint8_t>(read(port) & ~bit(line)));
}

} // namespace tessera::kernel::x86_64::pic
