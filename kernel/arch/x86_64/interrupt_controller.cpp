// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/interrupt_controller.h"
#include "kernel/arch/x86_64/io_apic.h"
#include "kernel/arch/x86_64/local_apic.h"
#include "kernel/arch/x86_64/pic.h"

namespace tessera::kernel {

namespace {

using namespace x86_64;

struct Controllers {
    InterruptWiring wiring = InterruptWiring::pic;
    IoApic io_apic;
};
constinit Controllers controllers; // the machine has one set

bool through_io_apic() { return controllers.wiring == InterruptWiring::io_apic; }

} // namespace

namespace x86_64 {

InterruptPlan initialise_interrupt_controllers(const InterruptPlan& plan) {
    InterruptPlan used = plan;
    const bool has_local_apic = local_apic::available();
    if (plan.wiring != InterruptWiring::pic && !has_local_apic) {
        used.wiring = InterruptWiring::pic;
        used.reason = "the processor's local APIC is missing or in x2APIC mode";
    }
    controllers.wiring = used.wiring;
    pic::initialise(); // also where it is not used: a spurious interrupt of it must find a vector of its own
    if (used.wiring != InterruptWiring::pic)
        local_apic::enable(plan.local_apic, through_io_apic() ? local_apic::Pin0::masked : local_apic::Pin0::from_8259);
    else if (has_local_apic)
        local_apic::disable();
    if (through_io_apic()) controllers.io_apic.initialise(plan, local_apic::id());
    return used;
}

bool accept_line(InterruptLine line) { return through_io_apic() || pic::accept(line); }

void finish_line(InterruptLine line) {
    if (through_io_apic()) return local_apic::end_of_interrupt();
    pic::finish(line);
}

} // namespace x86_64

void arch::mask_line(InterruptLine line) {
    if (through_io_apic()) return controllers.io_apic.mask(line);
    pic::mask(line);
}

void arch::unmask_line(InterruptLine line) {
    if (through_io_apic()) return controllers.io_apic.unmask(line);
    pic::unmask(line);
}

// An I/O APIC forgets edges of a masked input (82093AA data sheet, 3.2.4, bit 16); an 8259 latches them.
arch::WhileMasked arch::while_masked(InterruptLine line) {
    const bool edge = through_io_apic() && controllers.io_apic.trigger(line) == TriggerMode::edge;
    return edge ? WhileMasked::lost : WhileMasked::kept;
}

} // namespace tessera::kernel
