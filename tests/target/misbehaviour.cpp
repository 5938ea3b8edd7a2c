// SPDX-License-Identifier: BSD-3-Clause
// Everything that a process should not do. Addresses go through `hidden`, so that the compiler sees no undefined
// behaviour to be clever about.

#include "tests/target/misbehaviour.h"
#include "kernel/abi/strong.h"
#include "servers/runtime/kernel.h"
#include <array>
#include <cstdlib>
#include <sys/mman.h>

namespace tessera::target {

namespace {

std::uint64_t hidden(std::uint64_t value) {
    asm volatile("" : "+r"(value));
    return value;
}

void read_from(std::uint64_t address) { asm volatile("movb (%0), %%al" : : "r"(hidden(address)) : "rax", "memory"); }
void write_to(std::uint64_t address) { asm volatile("movb $1, (%0)" : : "r"(hidden(address)) : "memory"); }
void jump_to(std::uint64_t address) { asm volatile("jmp *%0" : : "r"(hidden(address))); }

template <class Object> std::uint64_t address_of(const Object& object) {
    return reinterpret_cast<std::uint64_t>(&object);
}

constexpr std::uint8_t return_instruction = 0xc3;
constinit std::array<std::uint8_t, 16> data_code{return_instruction};

void execute_stack() {
    std::array<volatile std::uint8_t, 16> code{};
    code[0] = return_instruction;
    jump_to(address_of(code));
}

void divide_by_zero() {
    asm volatile("xorl %%edx, %%edx\n\tdivl %0" : : "r"(static_cast<std::uint32_t>(hidden(0))) : "eax", "edx", "cc");
}

// SSE with its exceptions unmasked, one divided by zero.
void make_floating_point_error() {
    const std::uint32_t all_unmasked = 0;
    const float one = 1.0f;
    asm volatile("ldmxcsr %0\n\tmovss %1, %%xmm0\n\txorps %%xmm1, %%xmm1\n\tdivss %%xmm1, %%xmm0"
                 :
                 : "m"(all_unmasked), "m"(one)
                 : "xmm0", "xmm1");
}

[[gnu::noinline]] std::uint64_t recurse(std::uint64_t depth) {
    std::array<volatile std::uint64_t, 256> frame{};
    frame[0] = depth;
    if (hidden(depth) == ~0ull) return 0; // never: the stack ends first
    return recurse(depth + 1) + frame[0];
}

void write_to_read_only() {
    void* const page = mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    write_to(reinterpret_cast<std::uint64_t>(page));
    (void)mprotect(page, page_bytes, PROT_READ);
    write_to(reinterpret_cast<std::uint64_t>(page));
}

// Maps as much as VM promises, in shrinking pieces, and touches every page.
void exhaust_memory() {
    for (std::uint64_t bytes = 64 * large_page_bytes; bytes >= page_bytes;) {
        void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            bytes /= 2;
            continue;
        }
        for (std::uint64_t offset = 0; offset < bytes; offset += page_bytes)
            write_to(reinterpret_cast<std::uint64_t>(memory) + offset);
    }
    std::_Exit(12); // VM refused in time: no fault
}

void hang() {
    for (;;) asm volatile("" ::: "memory");
}

void wait_for_nothing() {
    for (;;) (void)receive();
}

using Act = void (*)();

struct Way {
    Misbehaviour how;
    Act act;
};

constexpr std::array ways{
    Way{Misbehaviour::read_null, [] { read_from(0); }},
    Way{Misbehaviour::jump_to_null, [] { jump_to(0); }},
    Way{Misbehaviour::write_to_code, [] { write_to(reinterpret_cast<std::uint64_t>(&misbehave)); }},
    Way{Misbehaviour::execute_data, [] { jump_to(address_of(data_code)); }},
    Way{Misbehaviour::execute_stack, execute_stack},
    Way{Misbehaviour::divide_by_zero, divide_by_zero},
    Way{Misbehaviour::illegal_instruction, [] { asm volatile("ud2"); }},
    Way{Misbehaviour::privileged_instruction, [] { asm volatile("cli"); }},
    Way{Misbehaviour::port_access, [] { asm volatile("outb %%al, %%dx"
                                                     :
                                                     : "a"(0), "d"(0x80)); }},
    Way{Misbehaviour::breakpoint, [] { asm volatile("int3"); }},
    Way{Misbehaviour::floating_point_error, make_floating_point_error},
    Way{Misbehaviour::overflow_stack, [] { (void)recurse(0); }},
    Way{Misbehaviour::non_canonical_read, [] { read_from(non_canonical_address); }},
    Way{Misbehaviour::kernel_read, [] { read_from(kernel_address); }},
    Way{Misbehaviour::kernel_write, [] { write_to(kernel_address); }},
    Way{Misbehaviour::write_to_read_only, write_to_read_only},
    Way{Misbehaviour::touch_unmapped, [] { read_from(unmapped_address); }},
    Way{Misbehaviour::exhaust_memory, exhaust_memory},
    Way{Misbehaviour::exit_with_7, [] { std::_Exit(7); }},
    Way{Misbehaviour::call_abort, [] { std::abort(); }},
    Way{Misbehaviour::hang, hang},
    Way{Misbehaviour::wait_for_nothing, wait_for_nothing},
};

} // namespace

void misbehave(Misbehaviour how) {
    for (const Way& way : ways)
        if (way.how == how) way.act();
    std::_Exit(99); // it survived what it should not have
}

} // namespace tessera::target
