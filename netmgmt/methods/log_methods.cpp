// SPDX-License-Identifier: BSD-3-Clause
// log.*: the system's log.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct Read : ListParameters {
    Sequence since;
};

struct Dropped {
    Counter dropped;
};

} // namespace

template <> struct EnumNames<LogLevel> {
    static constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
};

template <> struct Shape<LogEntry> {
    static constexpr std::tuple members{
        member("sequence", &LogEntry::sequence, "grows by one from entry to entry"),
        member("nanoseconds", &LogEntry::nanoseconds, "since boot"),
        member("level", &LogEntry::level, ""),
        member("source", &LogEntry::source, "name of the process"),
        member("text", &LogEntry::text, ""),
    };
};

template <> struct Shape<Read> {
    static constexpr auto members = with_list_members(optional_member("since", &Read::since, "first sequence wanted"));
};

template <> struct Shape<Dropped> {
    static constexpr std::tuple members{
        member("dropped", &Dropped::dropped, "entries from there on that were overwritten before they were read"),
    };
};

namespace {

Outcome<Dropped> read(Call& call, const Read& parameters, Range range, Visitor<LogEntry>& visitor) {
    range.from.value = std::max(range.from.value, parameters.since.value);
    return from_system(call.system.log.read(range, visitor)).transform([](Counter dropped) {
        return Dropped{dropped};
    });
}

constexpr std::array table{
    method<&read>({
        .name = "log.read",
        .summary = "The system's log from an entry on",
        .asks = "console",
        .example = {R"({"since":"17","limit":1})",
                    R"({"items":[{"sequence":"17","nanoseconds":"2100000000","level":"warning","source":"rs",)"
                    R"("text":"ds ended: page fault at 0x0; restarting"}],"next":"12","dropped":"0"})"},
    }),
};

} // namespace

std::span<const Method> log_methods() { return table; }

} // namespace tessera::netmgmt
