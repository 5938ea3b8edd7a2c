// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A target test, and what all of them share.

#include "servers/runtime/grants.h"
#include "servers/runtime/service_connection.h"
#include "tests/target/assistant_protocol.h"
#include "tests/target/check.h"
#include "tests/target/settings.h"
#include <span>

namespace tessera::target {

struct Environment {
    Settings settings = read_settings();
    runtime::GrantTable grants;
    runtime::ServiceConnection<AssistantProtocol> assistant{"assistant"}; // the service, which may grant and copy
};

struct Test {
    std::string_view name;
    void (*run)(Environment& environment);
};

std::span<const Test> kernel_call_tests();
std::span<const Test> message_tests();
std::span<const Test> asynchronous_tests();
std::span<const Test> rule_tests();
std::span<const Test> grant_tests();
std::span<const Test> safecopy_tests();
std::span<const Test> safecopy_vector_tests();
std::span<const Test> safemap_tests();
std::span<const Test> safemap_life_tests();
std::span<const Test> safeperf_tests();
std::span<const Test> random_grants_tests();
std::span<const Test> memory_tests();
std::span<const Test> death_tests();
std::span<const Test> time_and_log_tests();
std::span<const Test> data_store_range_tests();
std::span<const Test> data_store_tests();
std::span<const Test> posix_tests();
std::span<const Test> watch_tests();
std::span<const Test> service_tests();
std::span<const Test> vm_call_tests();
std::span<const Test> vm_check_tests();

} // namespace tessera::target
