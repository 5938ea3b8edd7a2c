// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The figures; each function prints those of its group.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "tests/bench/meter.h"

namespace tessera::bench {

void kernel_calls_figures(const Meter& meter);
void signal_figures(const Meter& meter);
void message_figures(const Meter& meter, Endpoint echo);
void interrupt_figures(const Meter& meter, Endpoint echo);
void grant_figures(const Meter& meter, Endpoint echo, GrantId grant); // of shared_bytes
void copy_figures(const Meter& meter, Endpoint echo);
void memory_figures(const Meter& meter);
// By a user process, as services do not fork; it prints its figures itself.
void process_figures();
void data_store_figures(const Meter& meter);

} // namespace tessera::bench
