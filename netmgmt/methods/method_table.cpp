// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/method_table.h"

#include <algorithm>
#include <array>

namespace tessera::netmgmt {

MethodTable all_methods() {
    static const std::array table{
        rpc_methods(),   system_methods(), process_methods(),       vm_methods(),        vm_page_methods(),
        ds_methods(),    grant_methods(),  grant_sharing_methods(), service_methods(),   kernel_methods(),
        trace_methods(), log_methods(),    fault_methods(),         interrupt_methods(),
    };
    return table;
}

const Method* find_method(MethodTable table, std::string_view name) {
    for (auto methods : table) {
        auto found = std::ranges::find(methods, name, [](const Method& method) { return method.text.name; });
        if (found != methods.end()) return &*found;
    }
    return nullptr;
}

} // namespace tessera::netmgmt
