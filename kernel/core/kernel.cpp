// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/kernel.h"
#include "kernel/arch/contract/address_space.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/core/calls/dispatch.h"
#include "kernel/core/death.h"
#include "kernel/core/signals.h"
#include "kernel/core/text.h"
#include <algorithm>

namespace tessera::kernel {

namespace {
constexpr std::uint64_t ticks_between_lifts = 100; // half a second: many quanta, yet soon for people
} // namespace

Kernel::Kernel(const BootInfo& info) : boot_info(info) {}

// VM and RS may do everything: RS gives all others less.
Process& Kernel::make_core_process(Endpoint expected, std::string_view name, ServiceId service) {
    Process& process = **processes.create(Name{name});
    Privileges privileges;
    privileges.send_mask = ~0ull;
    privileges.kernel_call_mask = ~0ull;
    privileges.primitive_mask = all_primitives;
    privileges.service = service;
    privileges.priority = service == service_ids::vm ? 0 : 1;
    privileges.supervisor = service_ids::rs;
    if (service == service_ids::rs) {
        privileges.io_range_count = 1;
        privileges.io_ranges[0] = {0xcf8, 0xcff}; // PCI configuration mechanism #1: RS hands devices to drivers
    }
    scheduler.change_privileges(process, privileges);
    if (process.endpoint != expected) arch::halt();
    return process;
}

void Kernel::create_core_processes() {
    arch::map_root_entries(boot_info.root_entries);
    Process& vm = make_core_process(endpoints::vm, "vm", service_ids::vm);
    make_core_process(endpoints::rs, "rs", service_ids::rs);
    vm.context = arch::initial_context(boot_info.vm_entry, boot_info.vm_stack);
    vm.unblock(Blocker::no_space);
    vm.unblock(Blocker::stopped);
    scheduler.update(vm);
    timer.start_ticks();
}

void Kernel::user_call(Process& caller) {
    const auto primitive = caller.context.operation & 0xff;
    if (primitive == static_cast<std::uint64_t>(Primitive::kernel_call)) return calls::dispatch(*this, caller);
    message_call(caller, primitive);
}

void Kernel::message_call(Process& caller, std::uint64_t primitive) {
    if (primitive >= primitive_count) {
        ++counters.refused_calls;
        return caller.finish(Status::bad_call);
    }
    const auto peer = Endpoint::from_value(static_cast<std::uint32_t>(caller.context.peer));
    messages.perform(caller, static_cast<Primitive>(primitive), peer);
}

void Kernel::user_exception(Process& process, const UserException& exception) {
    if (exception.cause != DeathCause::page_fault)
        return signals::fault(*this, process, exception.cause, exception.detail);
    ++counters.page_faults;
    ++process.faults;
    if (process.needs(Attention::observed)) [[unlikely]]
        observer.page_fault(process, exception.access, {exception.detail});
    if (process.endpoint == endpoints::vm) return end_process(process, exception.cause, exception.detail);
    process.block(Blocker::page_fault);
    const FaultMessage words{exception.detail, process.context.instruction_pointer,
                             static_cast<std::uint64_t>(exception.access)};
    process.outgoing = {MessageKind::fault, pack(words)};
    messages.hand_to_vm(process);
}

void Kernel::interrupt(InterruptLine line) { interrupts.raised(line); }

void Kernel::clock_interrupt() {
    ++counters.interrupts;
    if (observer.on()) observer.interrupt(endpoints::clock, {}, endpoints::none);
    const Nanoseconds now = time.now();
    if (timer.take_tick(now)) tick();
    clock.ring(now);
    interrupts.end_windows(now);
    const auto processor = scheduler.idle() ? Timer::Processor::idle : Timer::Processor::busy;
    timer.restart(std::min(clock.next_alarm(), interrupts.next_window_end()), processor, now);
}

void Kernel::tick() {
    if (scheduler.tick()) quantum_used(*scheduler.running());
    if (++ticks_ % ticks_between_lifts == 0) lift();
}

Process* Kernel::policy_of(const Process& process) {
    Process* policy = processes.service(process.privileges.scheduler);
    return policy != &process ? policy : nullptr;
}

void Kernel::quantum_used(Process& process) {
    Process* policy = policy_of(process);
    if (policy == nullptr) return scheduler.sink(process);
    scheduler.hold(process);
    messages.notify_event(*policy, KernelEvent::quantum_used);
}

// Those that sank rise again.
void Kernel::lift() {
    for (Process& process : processes.all())
        if (process.priority > process.privileges.priority && policy_of(process) == nullptr) scheduler.lift(process);
}

Process& Kernel::next() {
    Process* process = scheduler.choose();
    if (process == nullptr || (process->attention & attention_before_running) != 0) [[unlikely]]
        return next_after_work();
    if (process == loaded_)
        ++counters.address_space_loads_saved;
    else
        switch_to(*process);
    return *process;
}

Process& Kernel::next_after_work() {
    for (;;) {
        Process* process = scheduler.choose();
        if (process == nullptr) {
            account();
            arch::wait_for_interrupt();
            since_ = arch::counter();
            if (!scheduler.idle()) timer.start_ticks();
        } else if (process->take(Attention::restart_call)) {
            calls::dispatch(*this, *process);
        } else if (process->take(Attention::signals)) {
            signals::deliver(*this, *process);
        } else {
            if (process->take(Attention::translations))
                process->context.space = 0;
            else if (process == loaded_) {
                ++counters.address_space_loads_saved;
                return *process;
            }
            if (process == loaded_) {
                load_space(*process);
                return *process;
            }
            if (observer.on()) observer.process_switch(loaded_, *process);
            switch_to(*process);
            return *process;
        }
    }
}

// The time since the last switch is that of who had the machine.
void Kernel::account() {
    const Ticks now = arch::counter();
    if (loaded_ != nullptr) loaded_->processor_time.value += now.value - since_.value;
    since_ = now;
}

// Another process than the one that has the machine gets it.
void Kernel::switch_to(Process& process) {
    ++counters.context_switches;
    account();
    arch::exchange_extended_state(loaded_ != nullptr ? &loaded_->extended : nullptr, process.extended);
    arch::load_thread_pointer(process.context.thread_pointer);
    loaded_ = &process;
    load_space(process);
}

void Kernel::load_space(Process& process) {
    ++counters.address_space_loads;
    if (process.context.space != 0) return arch::resume_space(process.context);
    const std::uint32_t slot = process.endpoint.slot();
    arch::load_space(process.context, slot, arch::root_entry(slot));
}

void Kernel::observe(TraceClasses classes) {
    observer.select(classes);
    processes.observe(observer.on() ? Observation::on : Observation::off);
}

void Kernel::copy_process(const Process& parent, Process& child) {
    child.context = parent.context;
    child.context.space = 0; // another one, to be loaded
    child.extended = parent.extended;
    scheduler.change_privileges(child, parent.privileges);
    child.receive_from = parent.receive_from;
    child.awaits_reply = parent.awaits_reply;
    child.block(Blocker::receiving);
    child.unblock(Blocker::stopped);
    child.signals = parent.signals.inherited();
}

void Kernel::unload(Process& process) {
    if (loaded_ != &process) return;
    account();
    arch::save_extended_state(process.extended);
    loaded_ = nullptr;
}

void Kernel::start_anew(Process& process, const arch::UserContext& context) {
    messages.abandon(process);
    process.signals.start_program();
    process.context = context;
    process.extended = arch::initial_extended_state();
    process.raise(Attention::translations);
    if (loaded_ == &process) loaded_ = nullptr;
}

void Kernel::release(Process& process) {
    processes.release(process);
    scheduler.forget(process);
    if (loaded_ == &process) loaded_ = nullptr;
}

void Kernel::end_process(Process& process, DeathCause cause, std::uint64_t detail) {
    if (process.blocked_by(Blocker::dead)) return;
    process.death = {process.endpoint, cause, {}, detail, process.context.instruction_pointer};
    if (log.watcher() == process.endpoint) log.set_watcher(endpoints::none); // its own last line is printed
    const bool ordinary = cause == DeathCause::exited && process.privileges.service == service_ids::user;
    if (!ordinary) log_death(process);
    if (process.is_core()) stop_without(process);
    process.block(Blocker::dead);
    withdraw(process);
    messages.notify_event(supervisor_of(process), KernelEvent::process_died);
}

void Kernel::log_death(const Process& process) {
    const bool failed = process.death.cause != DeathCause::exited || process.death.detail != 0;
    Text<log_text_limit> line;
    line << process.name.view() << " died: ";
    describe_death(line, process.death);
    write_log(failed ? LogLevel::warning : LogLevel::info, line.view());
}

void Kernel::withdraw(Process& process) {
    messages.forget(process);
    release_scheduled_by(process);
    interrupts.release_all(process);
    clock.set_alarm(process, {});
    process.grants = {};
    if (log.watcher() == process.endpoint) log.set_watcher(endpoints::none);
}

// Its policy ends with it: the kernel's takes over.
void Kernel::release_scheduled_by(const Process& policy) {
    if (policy.privileges.service == service_ids::user) return;
    for (Process& process : processes.all())
        if (process.privileges.scheduler == policy.privileges.service) scheduler.go_on(process);
}

Process& Kernel::supervisor_of(const Process& process) {
    Process* supervisor = processes.service(process.privileges.supervisor);
    return supervisor != nullptr ? *supervisor : processes.at(endpoints::rs.slot());
}

// VM and RS have no one to restart them: the machine stops in order and says why, after what they said themselves.
void Kernel::stop_without(const Process& core) {
    log.print_rest([this](Endpoint source) {
        const auto process = processes.present(source);
        return process.has_value() ? (*process)->name.view() : std::string_view{"kernel"};
    });
    Text<log_text_limit> line;
    line << "the machine stops: nothing can replace " << core.name.view();
    write_log(LogLevel::error, line.view());
    arch::power_off();
}

void Kernel::write_log(LogLevel level, std::string_view text) { append_log(endpoints::kernel, "kernel", level, text); }

void Kernel::append_log(Endpoint source, std::string_view name, LogLevel level, std::string_view text) {
    log.append(source, name, level, time.now(), text);
    const auto watcher = processes.living(log.watcher());
    if (watcher.has_value()) messages.notify_event(**watcher, KernelEvent::log_grew);
}

} // namespace tessera::kernel
