// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/host/machine.h"
#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/information.h"
#include <algorithm>
#include <stdexcept>

namespace tessera::kernel {

namespace host {

namespace {
Machine* current_machine = nullptr; // the contract's functions have no argument that could carry it
} // namespace

Machine::Machine() {
    if (current_machine != nullptr) throw std::logic_error("there is a machine already");
    current_machine = this;
}

Machine::~Machine() { current_machine = nullptr; }

Machine& Machine::current() {
    if (current_machine == nullptr) throw std::logic_error("the kernel used a machine, but there is none");
    return *current_machine;
}

arch::RootEntry Machine::create_space() {
    const arch::RootEntry entry{(spaces_.size() + 1) * page_bytes | 7}; // as on a real machine: a frame and some bits
    spaces_.emplace(entry.raw, std::make_unique<UserMemory>());
    return entry;
}

UserMemory& Machine::space(arch::RootEntry entry) {
    const auto found = spaces_.find(entry.raw);
    if (found == spaces_.end()) throw std::logic_error("the kernel used a root entry that stands for no space");
    return *found->second;
}

} // namespace host

using host::Machine;

// ---- kernel/arch/contract/machine.h

Ticks arch::counter() { return Machine::current().counter; }
std::uint64_t arch::counter_rate() { return Machine::current().counter_rate; }

void arch::arm_timer(Ticks when) { Machine::current().timer = when; }

arch::WhileMasked arch::while_masked(InterruptLine line) {
    return Machine::current().forgetful.test(line.value) ? WhileMasked::lost : WhileMasked::kept;
}

void arch::mask_line(InterruptLine line) {
    Machine::current().unmasked.reset(line.value);
    Machine::current().history.emplace_back(host::LineMasked{line});
}

void arch::unmask_line(InterruptLine line) {
    Machine::current().unmasked.set(line.value);
    Machine::current().history.emplace_back(host::LineUnmasked{line});
}

void arch::wait_for_interrupt() {
    if (!Machine::current().on_wait) throw host::Idle{};
    Machine::current().on_wait();
}

std::uint64_t arch::read_port(IoPort port, kernel_calls::IoWidth width) {
    Machine& machine = Machine::current();
    machine.history.emplace_back(host::PortWasRead{port, width});
    const auto value = machine.port_values.find(port.value);
    return value == machine.port_values.end() ? 0 : value->second;
}

void arch::write_port(IoPort port, kernel_calls::IoWidth width, std::uint64_t value) {
    Machine::current().history.emplace_back(host::PortWasWritten{port, width, value});
}

void arch::console_write(std::string_view text) { Machine::current().console += text; }

void arch::describe(kernel_calls::MachineInformation& information) {
    constexpr std::string_view processor = "unit test";
    std::ranges::copy(processor, information.processor.begin());
    information.feature_bits = 1u << static_cast<unsigned>(kernel_calls::MachineFeature::nx);
}

void arch::power_off() { throw host::Stopped{host::StopKind::power_off}; }
void arch::reboot() { throw host::Stopped{host::StopKind::reboot}; }
void arch::halt() { throw host::Stopped{host::StopKind::halt}; }

// ---- kernel/arch/contract/context.h

arch::UserContext arch::initial_context(VirtualAddress entry, VirtualAddress stack) {
    UserContext context;
    context.instruction_pointer = entry.value;
    context.stack_pointer = stack.value;
    return context;
}

arch::ExtendedState arch::initial_extended_state() { return {}; }
void arch::exchange_extended_state(ExtendedState* saved, const ExtendedState& loaded) {
    if (saved != nullptr) *saved = Machine::current().extended;
    Machine::current().extended = loaded;
}
void arch::save_extended_state(ExtendedState& saved) { saved = Machine::current().extended; }
std::uint64_t arch::permitted_flags(std::uint64_t flags) { return flags & host::program_flags; }
void arch::sanitise(ExtendedState& state) { state.bytes[host::reserved_extended_byte] = {}; }
void arch::load_thread_pointer(VirtualAddress address) { Machine::current().thread_pointer = address; }

} // namespace tessera::kernel
