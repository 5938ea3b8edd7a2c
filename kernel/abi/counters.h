// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kernel's counters since boot, and the records of its log.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/strong.h"
#include <array>
#include <cstdint>

namespace tessera {

inline constexpr std::size_t kernel_call_limit = 64;

struct KernelCounters {
    std::uint64_t messages = 0;
    std::uint64_t notifications = 0;
    std::uint64_t interrupts = 0;
    std::uint64_t spurious_interrupts = 0;
    std::uint64_t page_faults = 0;
    std::uint64_t context_switches = 0;
    std::uint64_t address_space_loads = 0;
    std::uint64_t address_space_loads_saved = 0;
    std::uint64_t safecopies = 0;
    std::uint64_t copied_bytes = 0;
    std::uint64_t copy_faults = 0;
    std::uint64_t stale_endpoints = 0;
    std::uint64_t refused_calls = 0;
    std::array<std::uint64_t, kernel_call_limit> calls{};        // by number of the kernel call
    std::array<std::uint64_t, kernel_call_limit> failed_calls{}; // of them, those that answered an error

    constexpr std::uint64_t kernel_calls() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : calls) sum += count;
        return sum;
    }
};

enum class LogLevel : std::uint8_t { debug = 0, info = 1, warning = 2, error = 3 };

inline constexpr std::size_t log_text_limit = 232;

struct LogRecord {
    std::uint64_t sequence = 0; // from 1, without gaps at the writer
    Nanoseconds time{};
    Endpoint source; // endpoints::kernel for the kernel's own
    LogLevel level = LogLevel::info;
    std::uint8_t length = 0;
    std::uint8_t printed = 0; // 1: by the kernel, as no console server watched
    std::uint8_t reserved = 0;
    std::array<char, log_text_limit> text{};
};
static_assert(sizeof(LogRecord) == 256);

} // namespace tessera
