// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/timer.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/interval_timer.h"
#include "kernel/arch/x86_64/local_apic.h"
#include "kernel/arch/x86_64/registers.h"
#include <algorithm>
#include <limits>

namespace tessera::kernel {

namespace {

using namespace x86_64;

constexpr InterruptLine interval_timer_line{0};
constexpr unsigned fraction_bits = 32;
constexpr std::uint64_t longest_count = std::numeric_limits<std::uint32_t>::max(); // of the local APIC

// How many counts of the local APIC's timer pass in a tick: over a millisecond of the time-stamp counter.
std::uint64_t measure_counts_per_tick(std::uint64_t counter_rate) {
    local_apic::set_timer_count(static_cast<std::uint32_t>(longest_count));
    const std::uint64_t begin = read_counter(), end = begin + counter_rate / 1000;
    std::uint64_t now = begin;
    while (now < end) now = read_counter();
    const std::uint64_t counts = longest_count - local_apic::timer_count();
    local_apic::set_timer_count(0);
    return (counts << fraction_bits) / (now - begin);
}

// Rounded up: an interrupt that comes early is in vain.
std::uint64_t counts_until(Ticks when, const Timer& timer, std::uint64_t longest) {
    const std::uint64_t now = read_counter();
    if (when.value <= now) return 1;
    const auto counts = static_cast<unsigned __int128>(when.value - now) * timer.counts_per_tick >> fraction_bits;
    return counts < longest ? static_cast<std::uint64_t>(counts) + 1 : longest;
}

} // namespace

namespace x86_64 {

Timer choose_timer(InterruptWiring wiring) {
    const std::uint64_t rate = this_cpu().counter_rate;
    if (wiring == InterruptWiring::pic) {
        arch::unmask_line(interval_timer_line);
        return {TimerSource::interval_timer, (interval_timer::hertz << fraction_bits) / rate};
    }
    constexpr std::uint32_t has_deadline = 1u << 24; // CPUID.1:ECX
    if ((cpuid(1).ecx & has_deadline) != 0) {
        local_apic::select_timer_mode(local_apic::TimerMode::deadline);
        return {TimerSource::local_apic_deadline, 0};
    }
    local_apic::select_timer_mode(local_apic::TimerMode::one_shot);
    return {TimerSource::local_apic, measure_counts_per_tick(rate)};
}

std::string_view name_of(TimerSource source) {
    switch (source) {
    case TimerSource::interval_timer:
        return "8254";
    case TimerSource::local_apic:
        return "local APIC";
    case TimerSource::local_apic_deadline:
        return "deadline";
    }
    return "?";
}

bool is_timer(InterruptLine line) {
    return line == interval_timer_line && this_cpu().timer.source == TimerSource::interval_timer;
}

// What the processor says of itself is exact: SDM volume 3, 19.7.3. Many say nothing.
std::uint64_t find_counter_rate() {
    constexpr std::uint32_t leaf = 0x15;
    if (cpuid(0).eax >= leaf) {
        const CpuidResult ratio = cpuid(leaf); // counter / crystal = ebx / eax; ecx: of the crystal, in hertz
        if (ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0) return std::uint64_t{ratio.ecx} * ratio.ebx / ratio.eax;
    }
    return interval_timer::measure_counter_rate();
}

} // namespace x86_64

void arch::arm_timer(Ticks when) {
    const Timer& timer = this_cpu().timer;
    switch (timer.source) {
    case TimerSource::local_apic_deadline:
        return write_msr(Msr::deadline, std::max<std::uint64_t>(when.value, 1)); // 0 would switch it off
    case TimerSource::local_apic:
        return local_apic::set_timer_count(static_cast<std::uint32_t>(counts_until(when, timer, longest_count)));
    case TimerSource::interval_timer:
        return interval_timer::start(counts_until(when, timer, interval_timer::longest));
    }
}

} // namespace tessera::kernel
