// SPDX-License-Identifier: BSD-3-Clause
// tess vm: physical memory of the system, or the address space of one process.
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/processes.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <array>
#include <charconv>
#include <format>

namespace tessera::tess {

namespace {

/// What physical pages are used for, in the order of vm.stats.
struct Use {
    const char* member;
    const char* name;
};

constexpr std::array uses{Use{"total_pages", "total"},
                          Use{"free_pages", "free"},
                          Use{"largest_free_block_pages", "largest free block"},
                          Use{"kernel_pages", "kernel"},
                          Use{"archive_pages", "boot archive"},
                          Use{"page_table_pages", "page tables"},
                          Use{"vm_own_pages", "vm itself"},
                          Use{"process_pages", "processes"},
                          Use{"preserved_pages", "preserved for restarts"}};

std::string stats_text(const Json& stats, const Output& output) {
    const auto page_bytes = number(stats, "page_bytes");
    Table table{{{"MEMORY"}, {"PAGES", Align::right}, {"SIZE", Align::right}}};
    for (const Use& use : uses) {
        const auto pages = number(stats, use.member);
        std::uint64_t bytes = 0;
        const bool fits = pages && page_bytes && !__builtin_mul_overflow(*pages, *page_bytes, &bytes);
        table.add({use.name, grouped_text(stats, use.member), fits ? human_size(bytes) : "-"});
    }
    return std::format("{}\n{} page faults: {} resolved, {} refused; {} address spaces; pages of {}\n",
                       table.text(output), grouped_text(stats, "faults"), grouped_text(stats, "faults_resolved"),
                       grouped_text(stats, "faults_refused"), grouped_text(stats, "spaces"),
                       size_text(stats, "page_bytes"));
}

std::string rights_of(const Json& region) {
    return std::format("{}{}{}", is_true(region, "read") ? 'r' : '-', is_true(region, "write") ? 'w' : '-',
                       is_true(region, "execute") ? 'x' : '-');
}

/// Hexadecimal of the byte after the last one of a region; "-" when that is unknown.
std::string end_of(const Json& region) {
    const auto bytes = number(region, "bytes");
    const std::string start = text(region, "start");
    std::uint64_t address = 0;
    if (!bytes || !start.starts_with("0x")) return "-";
    const char* last = start.data() + start.size();
    const auto parsed = std::from_chars(start.data() + 2, last, address, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != last) return "-";
    return std::format("{:#x}", address + *bytes);
}

std::string space_text(const Json& space, const Output& output) {
    const Json& usage = member(space, "usage");
    PropertyList list;
    list.add("process", std::format("{} (endpoint {})", text(usage, "name"), text(usage, "endpoint")));
    list.add("virtual", size_text(usage, "virtual_bytes"));
    list.add("resident", grouped_text(usage, "resident_pages") + " pages");
    list.add("page tables", grouped_text(usage, "page_table_pages") + " pages");
    list.add("budget", grouped_text(usage, "budget_pages") + " pages");
    Table table{{{"START", Align::right},
                 {"END", Align::right},
                 {"SIZE", Align::right},
                 {"RIGHTS"},
                 {"KIND"},
                 {"RESIDENT", Align::right}}};
    for (const Json& region : member(space, "regions")) {
        const std::string rights = rights_of(region);
        const Tone tone = rights.ends_with("wx") ? Tone::bad : Tone::plain; // the system promises never both
        table.add({text(region, "start"),
                   end_of(region),
                   size_text(region, "bytes"),
                   {rights, tone},
                   text(region, "kind"),
                   grouped_text(region, "resident_pages")});
    }
    return list.text(output) + "\n" + table.text(output);
}

Result<void> run_vm(Session& session, const std::string& process) {
    if (process.empty()) return session.show(session.call("vm.stats"), stats_text);
    const auto found = find_process(session, process);
    if (!found) return Failed{found.error()};
    const auto usage = session.call("vm.process", {{"endpoint", found->endpoint}});
    if (!usage) return Failed{usage.error()};
    const auto regions = session.list("vm.regions", {{"endpoint", found->endpoint}});
    if (!regions) return Failed{regions.error()};
    return session.show(Json{{"usage", *usage}, {"regions", items_of(*regions)}}, space_text);
}

std::string problem_text(const Json& check) {
    std::string line = std::format("first problem: {} at {}", text(check, "first_problem"), text(check, "address"));
    for (const char* use : {"first_use", "second_use"})
        if (text(check, use) != "none") line += std::format(", {}", text(check, use));
    if (number(check, "owner").value_or(0) != 0) line += std::format(", process {}", text(check, "owner"));
    return line + "\n";
}

std::string check_text(const Json& check, const Output&) {
    const bool clean = number(check, "problems") == 0u;
    return std::format("{} pages compared, {} problems; check {} since boot, sanity level {}\n{}",
                       grouped_text(check, "pages"), grouped_text(check, "problems"), grouped_text(check, "checks"),
                       text(check, "level"), clean ? "" : problem_text(check));
}

Result<void> run_check(Session& session) {
    const auto check = session.call("vm.check");
    if (!check) return Failed{check.error()};
    if (auto shown = session.show(check, check_text); !shown) return shown;
    if (number(*check, "problems") == 0u) return {};
    return Failed{Failure{ExitCode::refused, "the memory is not as the books of vm say", "tess log tells more", {}}};
}

std::string slabs_text(const Json& slabs, const Output& output) {
    Table table{{{"OBJECTS"}, {"IN USE", Align::right}, {"BYTES", Align::right}, {"PAGES", Align::right}}};
    for (const Json& slab : slabs)
        table.add({text(slab, "name"), grouped_text(slab, "objects"), grouped_text(slab, "object_bytes"),
                   grouped_text(slab, "pages")});
    return table.text(output);
}

void add_vm_check(Registry& verbs, VerbParser& parent) {
    verbs.add(
        parent,
        {.name = "check",
         .summary = "Compare every use of every page of memory.",
         .description = "Calls vm.check. VM compares its books with what is there: each page of RAM has one use "
                        "or is free, page tables are as their regions say, sums are right. Nothing else is "
                        "served meanwhile. Exit code 1 when something is wrong. For a process named `check` use "
                        "its endpoint.",
         .examples = {{"tess vm check", R"(16,352 pages compared, 0 problems; check 1 since boot, sanity level none
)"}}},
        run_check);
    verbs.add(parent,
              {.name = "slabs",
               .summary = "List the objects that VM keeps.",
               .description = "Calls vm.slabs.",
               .examples = {{"tess vm slabs", R"(OBJECTS  IN USE  BYTES  PAGES
spaces        9    744      2
regions      46     72      1
)"}}},
              [](Session& session) -> Result<void> {
                  const auto slabs = session.list("vm.slabs");
                  if (!slabs) return Failed{slabs.error()};
                  return session.show(items_of(*slabs), slabs_text);
              });
}

} // namespace

void add_vm(Registry& verbs) {
    auto process = std::make_shared<std::string>();
    VerbParser& parser =
        verbs.add({.name = "vm",
                   .summary = "Show the use of physical memory, or the address space of one process.",
                   .description = "Calls vm.stats; for a process vm.process and vm.regions, which --json joins in one "
                                  "object with the members "
                                  "`usage` and `regions`.",
                   .examples = {{"tess vm", R"(MEMORY                   PAGES      SIZE
total                   16,256  63.5 MiB
free                    12,001  46.8 MiB
largest free block      11,264    44 MiB
kernel                   1,024     4 MiB
boot archive             1,900   7.4 MiB
page tables                 88   352 KiB
vm itself                  150   600 KiB
processes                1,090   4.2 MiB
preserved for restarts       3    12 KiB

812 page faults: 812 resolved, 0 refused; 9 address spaces; pages of 4 KiB
)"},
                                {"tess vm ds", R"(process      ds (endpoint 4099)
virtual      1.2 MiB
resident     61 pages
page tables  4 pages
budget       256 pages

        START            END     SIZE  RIGHTS  KIND   RESIDENT
     0x400000       0x428000  160 KiB  r-x     code         32
     0x428000       0x440000   96 KiB  rw-     data         20
0x7ffffeff000  0x7fffffff000    1 MiB  rw-     stack         9
)"}}},
                  [process](Session& session) { return run_vm(session, *process); });
    parser.text("PROCESS", *process, "Name or endpoint of a process");
    add_vm_check(verbs, parser);
}

} // namespace tessera::tess
