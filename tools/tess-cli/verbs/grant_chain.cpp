// SPDX-License-Identifier: BSD-3-Clause
// tess grants chain: one grant, those that it passes on, and the memory that it leads to.
#include "tools/tess-cli/verbs/grant_chain.h"

#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/grant_table.h"
#include "tools/tess-cli/verbs/processes.h"

#include <array>
#include <format>
#include <limits>

namespace tessera::tess {

namespace {

struct ChainOptions {
    std::string process = {};
    std::uint64_t grant = 0;
};

struct ChainProblem {
    std::string_view name;
    std::string_view text;
};

constexpr std::array chain_problems{
    ChainProblem{"dead_grantor", "the grantor of the next one is dead"},
    ChainProblem{"unused", "the next one is not there"},
    ChainProblem{"stale", "the next one ended, and its place has another grant"},
    ChainProblem{"other_grantee", "the last one is for somebody else than who passes it on"},
    ChainProblem{"no_rights", "there is no right that all of them give"},
    ChainProblem{"out_of_range", "there is no memory that all of them cover"},
    ChainProblem{"bad_address", "the last one is of memory outside of user space"},
    ChainProblem{"unknown_kind", "the last one is of no kind that there is"},
    ChainProblem{"magic_refused", "the grantor of the last one may not make magic grants"},
    ChainProblem{"dead_owner", "the process whose memory it is of is dead"},
    ChainProblem{"owner_is_service", "it is of a service's memory, of which there are no magic grants"},
    ChainProblem{"too_many_hops", "more indirect grants in a row than the kernel follows"},
    ChainProblem{"unreadable", "the table of the next one cannot be read"},
};

/// Also names that this program does not know yet.
std::string reason_text(const std::string& name) {
    for (const ChainProblem& problem : chain_problems)
        if (problem.name == name) return std::string{problem.text};
    return name;
}

std::string chain_text(const Json& grant, const Output& output) {
    Json grants = Json::array({grant});
    for (const Json& passed_on : member(grant, "chain")) grants.push_back(passed_on);
    const std::string table = grant_table(grants).text(output) + "\n";
    const Json& memory = member(grant, "memory");
    if (!memory.is_object()) return table + "leads nowhere: " + reason_text(text(grant, "problem")) + "\n";
    return table + std::format("leads to {} at {} of {}: {}\n", size_text(memory, "bytes"), text(memory, "address"),
                               party(memory, "owner"), joined(memory, "rights", ","));
}

constexpr const char* chain_example =
    R"(GRANTOR       GRANTEE       KIND      RIGHTS          ADDRESS    SIZE  GRANT  SEQUENCE  USES  FAULTS  OF
netmgmt 4102  e1000 4101    indirect  read,try_only   +0x1000   4 KiB  16386         1     6       1  shell 4110 #16384
shell 4110    netmgmt 4102  direct    read,map       0x403000  12 KiB  16384         1     7       0  -

leads to 4 KiB at 0x404000 of shell 4110: read,try_only
)";

Result<void> run_chain(Session& session, const ChainOptions& options) {
    const auto found = find_process(session, options.process);
    if (!found) return Failed{found.error()};
    return session.show(session.call("grant.get", {{"grantor", found->endpoint}, {"grant", options.grant}}),
                        chain_text);
}

} // namespace

void add_grant_chain(Registry& verbs, VerbParser& grants) {
    auto options = std::make_shared<ChainOptions>();
    VerbParser& parser = verbs.add(
        grants,
        {.name = "chain",
         .summary = "Show one grant and where it leads.",
         .description =
             "The grant, then those that it passes on. What it leads to is what all of them allow, or the reason why "
             "every use of it is refused. For grants of a process named `chain` use its endpoint. Calls grant.get.",
         .examples = {{"tess grants chain netmgmt 16386", chain_example}}},
        [options](Session& session) { return run_chain(session, *options); });
    parser.text("PROCESS", options->process, "Who granted: its name or endpoint", Need::required);
    parser.number("GRANT", options->grant, {0, std::numeric_limits<std::uint32_t>::max()}, "The grant's number",
                  Need::required);
}

} // namespace tessera::tess
