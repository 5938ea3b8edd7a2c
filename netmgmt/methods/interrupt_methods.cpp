// SPDX-License-Identifier: BSD-3-Clause
// kernel.irqs: the interrupt lines.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {

template <> struct EnumNames<InterruptLineState> {
    static constexpr std::array<std::string_view, 3> names{"closed", "open", "contained"};
};

template <> struct Shape<InterruptLineEntry> {
    using L = InterruptLineEntry;
    static constexpr std::tuple members{
        member("line", &L::line, "0 to 15"),
        member("owner", &L::owner, "endpoint of the process that enabled it last, while it lives"),
        member("owner_name", &L::owner_name, "empty without an owner"),
        member("state", &L::state, "closed until the owner enables it; contained: until a storm's window ends"),
        member("raised", &L::raised, "interrupts"),
        member("delivered", &L::delivered, "notifications to owners"),
        member("spurious", &L::spurious, "interrupts that nobody had asked for"),
        member("contained", &L::contained, "times that too many came in a window"),
    };
};

namespace {

Outcome<Nothing> list(Call& call, const ListParameters&, Range range, Visitor<InterruptLineEntry>& visitor) {
    return listed(call.system.interrupts.list(range, visitor));
}

constexpr std::array table{
    method<&list>({
        .name = "kernel.irqs",
        .summary = "Every interrupt line: who has it, and what became of its interrupts",
        .asks = "kernel",
        .example = {"{}", R"({"items":[{"line":11,"owner":4100,"owner_name":"e1000","state":"open","raised":"92",)"
                          R"("delivered":"92","spurious":"0","contained":"0"}],"next":null})"},
    }),
};

} // namespace

std::span<const Method> interrupt_methods() { return table; }

} // namespace tessera::netmgmt
