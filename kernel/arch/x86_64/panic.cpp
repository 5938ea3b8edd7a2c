// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/arch/x86_64/panic.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/memory_map.h"
#include "kernel/arch/x86_64/registers.h"
#include "kernel/arch/x86_64/symbols.h"
#include "kernel/core/process.h"
#include "kernel/core/text.h"

namespace tessera::kernel::x86_64 {

namespace {

using Line = Text<200>;
constexpr std::size_t backtrace_limit = 24;

void print(Line& line) {
    line << "\n";
    arch::console_write(line.view());
    line = {};
}

void print_registers(const KernelFrame& f) {
    Line line;
    const auto put = [&](std::string_view name, std::uint64_t value) {
        line << name << " " << Hexadecimal{value} << "  ";
    };
    line << "PANIC   vector " << f.vector << " error " << Hexadecimal{f.error} << "  ";
    put("cr2", read_cr2()), put("cr3", read_cr3()), print(line);
    line << "PANIC   ";
    put("rip", f.rip), put("rsp", f.rsp), put("rflags", f.rflags), put("cs", f.cs), print(line);
    line << "PANIC   ";
    put("rax", f.rax), put("rbx", f.rbx), put("rcx", f.rcx), put("rdx", f.rdx), put("rsi", f.rsi), print(line);
    line << "PANIC   ";
    put("rdi", f.rdi), put("rbp", f.rbp), put("r8", f.r8), put("r9", f.r9), put("r10", f.r10), print(line);
    line << "PANIC   ";
    put("r11", f.r11), put("r12", f.r12), put("r13", f.r13), put("r14", f.r14), put("r15", f.r15), print(line);
}

void print_place(std::uint64_t address) {
    Line line;
    const Symbol symbol = find_symbol(address);
    line << "PANIC     " << Hexadecimal{address} << " " << symbol.name << "+" << Hexadecimal{symbol.offset};
    print(line);
}

// Frame pointers: each frame holds that of its caller, then the return address.
void print_backtrace(std::uint64_t instruction, std::uint64_t frame) {
    print_place(instruction);
    for (std::size_t depth = 0; depth < backtrace_limit; ++depth) {
        if (frame < kernel_base || frame % 8 != 0 || frame > fixed_base + large_page_bytes - 16) return;
        const auto* words = reinterpret_cast<const std::uint64_t*>(frame);
        if (words[1] == 0) return;
        print_place(words[1]);
        if (words[0] <= frame) return;
        frame = words[0];
    }
}

} // namespace

void panic(std::string_view reason, const KernelFrame* frame) {
    asm volatile("cli");
    Line line;
    line << "PANIC " << reason;
    print(line);
    if (frame != nullptr) print_registers(*frame);
    // A non-maskable entry may find the user's GS base: only the frame can be trusted then.
    const bool own_base = read_msr(Msr::gs_base) >= kernel_base;
    if (own_base && this_cpu().context != nullptr) {
        const auto& process = *reinterpret_cast<const Process*>(this_cpu().context);
        line << "PANIC   process " << process.name.view() << " endpoint " << process.endpoint.value() << " at "
             << Hexadecimal{process.context.instruction_pointer} << " stack "
             << Hexadecimal{process.context.stack_pointer};
        print(line);
    }
    line << "PANIC   backtrace";
    print(line);
    if (frame != nullptr)
        print_backtrace(frame->rip, frame->rbp);
    else {
        const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
        print_backtrace(reinterpret_cast<std::uint64_t>(__builtin_return_address(0)), here);
    }
    line << "PANIC the machine stops";
    print(line);
    arch::power_off();
}

} // namespace tessera::kernel::x86_64
