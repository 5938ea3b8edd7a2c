// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/kernel.h"
#include "kernel/arch/contract/address_space.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/core/calls/dispatch.h"
#include "kernel/core/death.h"
#include "kernel/core/text.h"

namespace tessera::kernel {

Kernel::Kernel(const BootInfo& info)
    : clock(processes, messages, arch::counter(), arch::counter_rate()),
      boot_info(info) {}

// VM and RS may do everything: RS gives all others less.
Process& Kernel::make_core_process(Endpoint expected, std::string_view name, ServiceId service) {
    Process& process = **processes.create(Name{name});
    process.privileges.send_mask = ~0ull;
    process.privileges.kernel_call_mask = ~0ull;
    process.privileges.primitive_mask = all_primitives;
    process.privileges.service = service;
    process.privileges.priority = service == service_ids::vm ? 0 : 1;
    process.privileges.supervisor = service_ids::rs;
    if (process.endpoint != expected) arch::halt();
    return process;
}

void Kernel::create_core_processes() {
    arch::map_root_entries(boot_info.root_entries);
    Process& vm = make_core_process(endpoints::vm, "vm", service_ids::vm);
    Process& rs = make_core_process(endpoints::rs, "rs", service_ids::rs);
    rs.privileges.io_range_count = 1;
    rs.privileges.io_ranges[0] = {0xcf8, 0xcff}; // PCI configuration mechanism #1: RS hands devices to drivers
    vm.context = arch::initial_context(boot_info.vm_entry, boot_info.vm_stack);
    vm.unblock(Blocker::no_space);
    vm.unblock(Blocker::stopped);
    scheduler.update(vm);
}

void Kernel::user_call(Process& caller) {
    const auto primitive = caller.context.operation & 0xff;
    if (primitive == static_cast<std::uint64_t>(Primitive::kernel_call)) {
        if ((caller.privileges.primitive_mask & 1u << primitive) != 0) return perform_kernel_call(caller);
        ++counters.refused_calls;
        return caller.finish(Status::primitive_denied);
    }
    if (primitive >= primitive_count) {
        ++counters.refused_calls;
        return caller.finish(Status::bad_call);
    }
    const auto peer = Endpoint::from_value(static_cast<std::uint32_t>(caller.context.peer));
    messages.perform(caller, static_cast<Primitive>(primitive), peer, clock.now());
}

void Kernel::perform_kernel_call(Process& caller) {
    ++counters.kernel_calls;
    ++caller.kernel_calls;
    calls::dispatch(*this, caller);
}

void Kernel::user_exception(Process& process, const UserException& exception) {
    if (exception.cause != DeathCause::page_fault) return end_process(process, exception.cause, exception.detail);
    ++counters.page_faults;
    ++process.faults;
    if (process.endpoint == endpoints::vm) return end_process(process, exception.cause, exception.detail);
    process.block(Blocker::page_fault);
    scheduler.update(process);
    const FaultMessage words{exception.detail, process.context.instruction_pointer,
                             static_cast<std::uint64_t>(exception.access)};
    messages.hand_to_vm(process, MessageKind::fault, pack(words), clock.now());
}

void Kernel::interrupt(InterruptLine line) { interrupts.raised(line, clock.now()); }

void Kernel::clock_interrupt() {
    ++counters.interrupts;
    clock.tick();
    if (running_ != nullptr) scheduler.tick(*running_);
}

Process& Kernel::next() {
    for (;;) {
        Process* process = scheduler.pick();
        if (process == nullptr) {
            if (running_ != nullptr) running_->processor_time.value += arch::counter().value - since_.value;
            arch::wait_for_interrupt();
            since_ = arch::counter();
            continue;
        }
        if (process->restart_call) {
            process->restart_call = false;
            perform_kernel_call(*process);
            continue;
        }
        switch_to(*process);
        return *process;
    }
}

void Kernel::switch_to(Process& process) {
    const std::uint32_t slot = process.endpoint.slot();
    if (&process != running_) {
        ++counters.context_switches;
        const Ticks time = arch::counter();
        if (running_ != nullptr) {
            arch::save_extended_state(running_->extended);
            running_->processor_time.value += time.value - since_.value;
        }
        since_ = time;
        arch::load_extended_state(process.extended);
        arch::load_thread_pointer(process.context.thread_pointer);
        running_ = &process;
    }
    if (&process == loaded_ && !process.drop_translations) {
        ++counters.address_space_loads_saved;
        return;
    }
    ++counters.address_space_loads;
    const auto cached = process.drop_translations ? arch::CachedTranslations::drop : arch::CachedTranslations::keep;
    arch::load_space(slot, arch::root_entry(slot), cached);
    process.drop_translations = false;
    loaded_ = &process;
}

void Kernel::end_process(Process& process, DeathCause cause, std::uint64_t detail) {
    if (process.blocked_by(Blocker::dead)) return;
    process.death = {process.endpoint, cause, {}, detail, process.context.instruction_pointer};
    if (log.watcher() == process.endpoint) log.set_watcher(endpoints::none); // its own last line is printed
    Text<log_text_limit> line;
    line << process.name.view() << " died: ";
    describe_death(line, process.death);
    write_log(cause == DeathCause::exited && detail == 0 ? LogLevel::info : LogLevel::warning, line.view());
    if (process.is_core()) stop_without(process);
    process.block(Blocker::dead);
    withdraw(process);
    messages.notify_event(supervisor_of(process), KernelEvent::process_died, clock.now());
}

void Kernel::withdraw(Process& process) {
    messages.abandon(process);
    messages.wake_partners(process);
    interrupts.release_all(process);
    clock.set_alarm(process, {});
    process.grants = {};
    if (log.watcher() == process.endpoint) log.set_watcher(endpoints::none);
}

Process& Kernel::supervisor_of(const Process& process) {
    Process* supervisor = processes.service(process.privileges.supervisor);
    return supervisor != nullptr ? *supervisor : processes.at(endpoints::rs.slot());
}

// VM and RS have no one to restart them: the machine stops in order and says why.
void Kernel::stop_without(const Process& core) {
    log.set_watcher(endpoints::none);
    Text<log_text_limit> line;
    line << "the machine stops: nothing can replace " << core.name.view();
    write_log(LogLevel::error, line.view());
    arch::power_off();
}

void Kernel::write_log(LogLevel level, std::string_view text) { append_log(endpoints::kernel, "kernel", level, text); }

void Kernel::append_log(Endpoint source, std::string_view name, LogLevel level, std::string_view text) {
    log.append(source, name, level, clock.now(), text);
    const auto watcher = processes.living(log.watcher());
    if (watcher.has_value()) messages.notify_event(**watcher, KernelEvent::log_grew, clock.now());
}

} // namespace tessera::kernel
