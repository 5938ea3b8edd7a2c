// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the kernel tells of a process.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"
#include <array>
#include <cstdint>
#include <string_view>

namespace tessera {

inline constexpr std::uint32_t process_limit = 256; // slots of the process table

// A short name, NUL-padded; at most 15 characters. Also the label of a service.
struct Name {
    std::array<char, 16> characters{};

    constexpr Name() = default;
    constexpr Name(std::string_view text) {
        for (std::size_t i = 0; i < text.size() && i + 1 < characters.size(); ++i) characters[i] = text[i];
    }
    constexpr std::string_view view() const {
        std::size_t length = 0;
        while (length + 1 < characters.size() && characters[length] != 0) ++length;
        return {characters.data(), length};
    }
    constexpr bool operator==(const Name&) const = default;
};
static_assert(sizeof(Name) == 16);

// Reasons why a process does not run; it is ready when none is set.
enum class Blocker : std::uint32_t {
    free_slot = 1u << 0,
    dead = 1u << 1,     // waits to be reaped by its supervisor
    stopped = 1u << 2,  // by a supervisor: before its start, or held
    no_space = 1u << 3, // has no address space yet
    sending = 1u << 4,
    receiving = 1u << 5,
    page_fault = 1u << 6,  // VM is resolving a fault of its own
    vm_request = 1u << 7,  // a kernel call of its own waits for VM
    no_quantum = 1u << 8,  // used up its quantum; its scheduler decides how it goes on
    signal_wait = 1u << 9, // waits for a signal
};

// Why a process died.
enum class DeathCause : std::uint8_t {
    none = 0,
    exited = 1,     // detail = exit status
    page_fault = 2, // detail = address
    illegal_instruction = 3,
    divide_error = 4,
    general_protection = 5,
    other_exception = 6, // detail = vector
    killed = 7,          // by process_kill
    message_error = 8,   // VM refused memory that the process promised
    signalled = 9,       // detail = the signal, which it neither handled nor ignored
};

struct ProcessInformation {
    Endpoint endpoint;
    std::uint32_t blockers = 0; // Blocker bits
    Name name;
    Endpoint waits_for; // while sending or receiving; endpoints::any, or none
    std::uint8_t priority = 0;
    ServiceId service{};
    std::uint8_t running = 0; // 1 for the process that made this call
    DeathCause death_cause = DeathCause::none;
    std::uint64_t instruction_pointer = 0;
    Ticks processor_time{};
    std::uint64_t messages_sent = 0;
    std::uint64_t faults = 0;
    std::uint64_t kernel_calls = 0;
};

struct DeathReport {
    Endpoint endpoint;
    DeathCause cause = DeathCause::none;
    std::array<std::uint8_t, 3> reserved{};
    std::uint64_t detail = 0;
    std::uint64_t instruction_pointer = 0;
};

} // namespace tessera
