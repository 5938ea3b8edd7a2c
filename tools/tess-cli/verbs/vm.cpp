// SPDX-License-Identifier: BSD-3-Clause
// tess vm: physical memory of the system, or the address space of one process.
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/processes.h"
#include "tools/tess-cli/verbs/verbs.h"
#include "tools/tess-cli/verbs/vm_pages.h"

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

/// What was counted since boot, in the order of vm.stats.
struct Event {
    const char* object;
    const char* member;
    const char* name;
};

constexpr std::array events{Event{"events", "kernel_requests", "requests of the kernel"},
                            Event{"events", "pages_supplied", "pages supplied"},
                            Event{"events", "pages_copied", "pages copied on write"},
                            Event{"events", "pages_made_writable", "pages made writable"},
                            Event{"events", "pages_there", "pages there already"},
                            Event{"events", "refused_no_region", "refused: nothing mapped"},
                            Event{"events", "refused_access", "refused: not allowed"},
                            Event{"events", "refused_no_memory", "refused: no memory"},
                            Event{"events", "refused_endless", "refused: endless"},
                            Event{"events", "forks", "forks"},
                            Event{"events", "execs", "execs"},
                            Event{"kernel", "loads", "CR3 loads"},
                            Event{"kernel", "loads_saved", "CR3 loads saved"},
                            Event{"kernel", "copies", "copies by the kernel"},
                            Event{"kernel", "copied_bytes", "bytes copied"},
                            Event{"kernel", "copy_faults", "copies that faulted"}};

std::string events_text(const Json& stats, const Output& output) {
    Table table{{{"SINCE BOOT"}, {"COUNT", Align::right}}};
    for (const Event& event : events) table.add({event.name, grouped_text(member(stats, event.object), event.member)});
    return table.text(output);
}

std::string stats_text(const Json& stats, const Output& output) {
    const auto page_bytes = number(stats, "page_bytes");
    Table table{{{"MEMORY"}, {"PAGES", Align::right}, {"SIZE", Align::right}}};
    for (const Use& use : uses) {
        const auto pages = number(stats, use.member);
        std::uint64_t bytes = 0;
        const bool fits = pages && page_bytes && !__builtin_mul_overflow(*pages, *page_bytes, &bytes);
        table.add({use.name, grouped_text(stats, use.member), fits ? human_size(bytes) : "-"});
    }
    return std::format("{}\n{} page faults: {} resolved, {} refused; {} address spaces; pages of {}\n\n{}",
                       table.text(output), grouped_text(stats, "faults"), grouped_text(stats, "faults_resolved"),
                       grouped_text(stats, "faults_refused"), grouped_text(stats, "spaces"),
                       size_text(stats, "page_bytes"), events_text(stats, output));
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

/// "stack", "shared memory 7 + 0x2000".
std::string kind_of(const Json& region) {
    if (member(region, "shared_memory").is_null()) return text(region, "kind");
    const std::uint64_t offset = number(region, "offset").value_or(0);
    return "shared memory " + text(region, "shared_memory") + (offset == 0 ? "" : std::format(" + {:#x}", offset));
}

std::string space_text(const Json& space, const Output& output) {
    const Json& usage = member(space, "usage");
    PropertyList list;
    list.add("process", std::format("{} (endpoint {})", text(usage, "name"), text(usage, "endpoint")));
    list.add("virtual", size_text(usage, "virtual_bytes"));
    list.add("resident", grouped_text(usage, "resident_pages") + " pages");
    list.add("unique", grouped_text(usage, "unique_pages") + " pages");
    list.add("shared", grouped_text(usage, "shared_pages") + " pages");
    list.add("page tables", grouped_text(usage, "page_table_pages") + " pages");
    list.add("budget", grouped_text(usage, "budget_pages") + " pages");
    Table table{{{"START", Align::right},
                 {"END", Align::right},
                 {"SIZE", Align::right},
                 {"RIGHTS"},
                 {"KIND"},
                 {"RESIDENT", Align::right},
                 {"SHARED", Align::right}}};
    for (const Json& region : member(space, "regions")) {
        const std::string rights = rights_of(region);
        const Tone tone = rights.ends_with("wx") ? Tone::bad : Tone::plain; // the system promises never both
        table.add({text(region, "start"),
                   end_of(region),
                   size_text(region, "bytes"),
                   {rights, tone},
                   kind_of(region),
                   grouped_text(region, "resident_pages"),
                   grouped_text(region, "shared_pages")});
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

812 page faults: 810 resolved, 2 refused; 9 address spaces; pages of 4 KiB

SINCE BOOT                   COUNT
requests of the kernel          31
pages supplied                 790
pages copied on write           14
pages made writable              6
pages there already              3
refused: nothing mapped          2
refused: not allowed             0
refused: no memory               0
refused: endless                 0
forks                            2
execs                            1
CR3 loads                   40,100
CR3 loads saved                922
copies by the kernel         3,111
bytes copied             1,203,114
copies that faulted              2
)"},
                                {"tess vm ds", R"(process      ds (endpoint 4099)
virtual      1.2 MiB
resident     61 pages
unique       45 pages
shared       20 pages
page tables  4 pages
budget       256 pages

        START            END     SIZE  RIGHTS  KIND                      RESIDENT  SHARED
     0x400000       0x428000  160 KiB  r-x     code                            32      16
     0x428000       0x440000   96 KiB  rw-     data                            20       0
 0x1000000000   0x1000004000   16 KiB  rw-     shared memory 7 + 0x2000         4       4
0x7ffffeff000  0x7fffffff000    1 MiB  rw-     stack                            9       0
)"}}},
                  [process](Session& session) { return run_vm(session, *process); });
    parser.text("PROCESS", *process, "Name or endpoint of a process");
    add_vm_check(verbs, parser);
    add_vm_pages(verbs, parser);
}

} // namespace tessera::tess
