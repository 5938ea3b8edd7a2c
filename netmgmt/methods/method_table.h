// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// All methods, namespace by namespace in the order in which the manual shows them.

#include "netmgmt/methods/method.h"

namespace tessera::netmgmt {

[[nodiscard]] std::span<const Method> rpc_methods();
[[nodiscard]] std::span<const Method> system_methods();
[[nodiscard]] std::span<const Method> process_methods();
[[nodiscard]] std::span<const Method> vm_methods();
[[nodiscard]] std::span<const Method> vm_page_methods();
[[nodiscard]] std::span<const Method> ds_methods();
[[nodiscard]] std::span<const Method> grant_methods();
[[nodiscard]] std::span<const Method> grant_sharing_methods();
[[nodiscard]] std::span<const Method> service_methods();
[[nodiscard]] std::span<const Method> kernel_methods();
[[nodiscard]] std::span<const Method> log_methods();
[[nodiscard]] std::span<const Method> trace_methods();
[[nodiscard]] std::span<const Method> fault_methods();
[[nodiscard]] std::span<const Method> interrupt_methods();

[[nodiscard]] MethodTable all_methods();

/// Null when there is none of this name.
[[nodiscard]] const Method* find_method(MethodTable table, std::string_view name);

} // namespace tessera::netmgmt
