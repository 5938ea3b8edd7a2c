// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/panic.h"
#include "kernel/abi/kernel_calls.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/memory_map.h"
#include "kernel/arch/x86_64/registers.h"
#include "kernel/arch/x86_64/symbols.h"
#include "kernel/build_id.h"
#include "kernel/core/kernel.h"
#include "kernel/core/text.h"

namespace tessera::kernel::x86_64 {

namespace {

using Line = Text<200>;
constexpr std::size_t backtrace_limit = 24;
constexpr std::uint64_t trace_limit = 12;

std::string_view kernel_call_name(std::uint64_t number) {
    std::string_view name = "?";
    KernelCallTable::for_each([&]<class Call>() {
        if (kernel_call_number<Call> == number) name = Call::name;
    });
    return name;
}

void print(Line& line) {
    line << "\n";
    arch::console_write(line.view());
    line = {};
}

struct NamedValue {
    std::string_view name;
    std::uint64_t value;
};

void print_values(std::initializer_list<NamedValue> values) {
    Line line;
    line << "PANIC   ";
    for (const auto& [name, value] : values) line << name << " " << Hexadecimal{value} << "  ";
    print(line);
}

void print_registers(const KernelFrame& f) {
    print_values({{"rip", f.rip}, {"rsp", f.rsp}, {"rflags", f.rflags}, {"cs", f.cs}, {"ss", f.ss}});
    print_values({{"rax", f.rax}, {"rbx", f.rbx}, {"rcx", f.rcx}, {"rdx", f.rdx}, {"rsi", f.rsi}});
    print_values({{"rdi", f.rdi}, {"rbp", f.rbp}, {"r8", f.r8}, {"r9", f.r9}, {"r10", f.r10}});
    print_values({{"r11", f.r11}, {"r12", f.r12}, {"r13", f.r13}, {"r14", f.r14}, {"r15", f.r15}});
}

void print_control_registers() {
    print_values({{"cr0", read_cr0()}, {"cr2", read_cr2()}, {"cr3", read_cr3()}, {"cr4", read_cr4()}});
    print_values({{"efer", read_msr(Msr::efer)}, {"fs", read_msr(Msr::fs_base)}, {"gs", read_msr(Msr::gs_base)}});
}

// The process as it entered the kernel. An operation whose low byte is 0 is a kernel call; once it is done, its result
// is in the same place (kernel/abi/message.h).
void print_process(const Process& process) {
    Line line;
    line << "PANIC   process " << process.name.view() << " endpoint " << process.endpoint.value() << " at "
         << Hexadecimal{process.context.instruction_pointer} << " stack " << Hexadecimal{process.context.stack_pointer};
    print(line);
    const std::uint64_t operation = process.context.operation;
    line << "PANIC   operation " << Hexadecimal{operation};
    if ((operation & 0xff) == 0) line << " " << kernel_call_name(operation >> 8);
    line << " peer " << process.context.peer << " blockers " << Hexadecimal{process.blockers} << " attention "
         << Hexadecimal{process.attention};
    print(line);
    const auto& words = process.context.message.words;
    print_values({{"words", words[0]}, {"", words[1]}, {"", words[2]}, {"", words[3]}});
    print_values({{"     ", words[4]}, {"", words[5]}, {"", words[6]}, {"", words[7]}});
    const auto& others = process.context.others; // rcx and r11 are of the last interrupt
    print_values({{"rbx", others[0]}, {"rbp", others[1]}, {"r15", others[2]}, {"rcx", others[3]}, {"r11", others[4]}});
}

void print_trace(const Trace& trace) {
    const Trace::Reading reading = trace.newest(trace_limit);
    for (const auto& piece : {reading.head, reading.tail})
        for (const TraceEntry& entry : piece) {
            Line line;
            line << "PANIC   trace " << entry.sequence << " ticks " << entry.time.value << " "
                 << trace_class_names[static_cast<std::size_t>(class_of(entry.kind))] << " " << entry.from.value()
                 << " -> " << entry.to.value() << " number " << unsigned{entry.number} << " status "
                 << static_cast<std::uint32_t>(entry.status) << " " << Hexadecimal{entry.first} << " "
                 << Hexadecimal{entry.second};
            print(line);
        }
}

void print_place(std::uint64_t address) {
    Line line;
    const Symbol symbol = find_symbol(address);
    line << "PANIC     " << Hexadecimal{address} << " " << symbol.name << "+" << Hexadecimal{symbol.offset};
    print(line);
}

// Frame pointers: each frame holds that of its caller, then the return address. The first may be what a user had in
// RBP, so it is followed only where the kernel's stacks are.
void print_backtrace(std::uint64_t instruction, std::uint64_t frame) {
    Line line;
    line << "PANIC   backtrace";
    print(line);
    print_place(instruction);
    for (std::size_t depth = 0; depth < backtrace_limit; ++depth) {
        if (frame % 8 != 0 || !holds_stacks(frame, 16)) return;
        const auto* words = reinterpret_cast<const std::uint64_t*>(frame);
        if (words[1] == 0) return;
        print_place(words[1]);
        if (words[0] <= frame) return;
        frame = words[0];
    }
}

void print_reason(std::string_view reason, const KernelFrame* frame) {
    Line line;
    line << "PANIC " << reason;
    print(line);
    line << "PANIC   build " << build_id;
    if (frame != nullptr) line << " vector " << frame->vector << " error " << Hexadecimal{frame->error};
    print(line);
}

} // namespace

void panic(std::string_view reason, const KernelFrame* frame) {
    asm volatile("cli");
    print_reason(reason, frame);
    if (frame != nullptr) print_registers(*frame);
    print_control_registers();
    // A non-maskable entry may find the user's GS base: only the frame can be trusted then.
    if (read_msr(Msr::gs_base) >= kernel_base) {
        const Cpu& cpu = this_cpu();
        if (cpu.context != nullptr) print_process(*reinterpret_cast<const Process*>(cpu.context));
        if (cpu.kernel != nullptr) print_trace(cpu.kernel->observer.trace());
    }
    if (frame != nullptr)
        print_backtrace(frame->rip, frame->rbp);
    else
        print_backtrace(reinterpret_cast<std::uint64_t>(__builtin_return_address(0)),
                        reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
    Line line;
    line << "PANIC the machine stops";
    print(line);
    arch::power_off();
}

} // namespace tessera::kernel::x86_64
