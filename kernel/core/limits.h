// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The sizes of the kernel's fixed tables, all of them.

#include "kernel/abi/message.h"
#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include <cstddef>

namespace tessera::kernel {

inline constexpr std::size_t log_records = 512; // of 256 bytes each
inline constexpr std::size_t asynchronous_messages = std::size_t{service_limit} * asynchronous_limit; // 80 bytes each
inline constexpr std::size_t trace_entries = 4096; // of 48 bytes each
inline constexpr std::size_t message_pairs = 256;  // of 24 bytes each
inline constexpr std::size_t kernel_stack_bytes = 16384;
static_assert(process_limit <= Endpoint::slot_limit);

} // namespace tessera::kernel
