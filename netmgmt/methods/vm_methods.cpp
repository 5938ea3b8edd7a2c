// SPDX-License-Identifier: BSD-3-Clause
// vm.*: memory.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

struct OneSpace {
    EndpointNumber endpoint;
};

struct Regions : ListParameters {
    EndpointNumber endpoint;
};

} // namespace

template <> struct EnumNames<RegionKind> {
    static constexpr std::array<std::string_view, 11> names{"code",        "data",       "stack",     "anonymous",
                                                            "device",      "contiguous", "preserved", "mapped",
                                                            "information", "shared",     "heap"};
};

template <> struct Shape<MemoryEvents> {
    using M = MemoryEvents;
    static constexpr std::tuple members{
        member("kernel_requests", &M::kernel_requests, "of the kernel, for memory that it needs on a process's behalf"),
        member("pages_supplied", &M::pages_supplied, "for an access to a page that had no frame"),
        member("pages_copied", &M::pages_copied, "for a write to a page that another process had too"),
        member("pages_made_writable", &M::pages_made_writable, "as no other process had them any more"),
        member("pages_there", &M::pages_there, "looked at in vain"),
        member("refused_no_region", &M::refused_no_region, "nothing is mapped there"),
        member("refused_access", &M::refused_access, "what is mapped does not allow it"),
        member("refused_no_memory", &M::refused_no_memory, "over the budget, or no page was free"),
        member("refused_endless", &M::refused_endless, "an access that is allowed and faulted again and again"),
        member("forks", &M::forks, ""),
        member("execs", &M::execs, ""),
    };
};

template <> struct Shape<AddressSpaceCosts> {
    using A = AddressSpaceCosts;
    static constexpr std::tuple members{
        member("loads", &A::loads, "of CR3"),
        member("loads_saved", &A::loads_saved, "switches to a process that has no address space of its own"),
        member("copies", &A::copies, "between processes"),
        member("copied_bytes", &A::copied_bytes, ""),
        member("copy_faults", &A::copy_faults, "copies that waited for VM"),
    };
};

template <> struct Shape<MemoryStatistics> {
    using S = MemoryStatistics;
    static constexpr std::tuple members{
        member("page_bytes", &S::page_bytes, "of one page"),
        member("total_pages", &S::total_pages, "of RAM that the loader reported"),
        member("free_pages", &S::free_pages, ""),
        member("largest_free_block_pages", &S::largest_free_block_pages, "one after the other"),
        member("kernel_pages", &S::kernel_pages, "the kernel's image and tables"),
        member("archive_pages", &S::archive_pages, "the boot archive"),
        member("page_table_pages", &S::page_table_pages, "of all processes"),
        member("vm_own_pages", &S::vm_own_pages, "VM's code, data and records"),
        member("process_pages", &S::process_pages, "of all other processes"),
        member("preserved_pages", &S::preserved_pages, "kept for services across their restart"),
        member("faults", &S::faults, "page faults that VM was told of, and requests of the kernel for memory"),
        member("faults_resolved", &S::faults_resolved, "of these"),
        member("faults_refused", &S::faults_refused, "of these; the process was ended, or its call refused"),
        member("spaces", &S::spaces, "address spaces"),
        member("shared_memories", &S::shared_memories, "pieces of shared memory"),
        member("events", &S::events, "what VM counted since boot; pages_* and refused_* by what became of the faults"),
        member("kernel", &S::kernel, "what the kernel counted since boot"),
    };
};

template <> struct Shape<ProcessMemory> {
    using P = ProcessMemory;
    static constexpr std::tuple members{
        member("endpoint", &P::endpoint, ""),
        member("name", &P::name, ""),
        member("virtual_bytes", &P::virtual_bytes, "of all regions"),
        member("resident_pages", &P::resident_pages, "that have a frame and count against the budget"),
        member("unique_pages", &P::unique_pages, "that are mapped here and nowhere else"),
        member("shared_pages", &P::shared_pages, "that are mapped elsewhere too: images, forks, shared memory"),
        member("page_table_pages", &P::page_table_pages, ""),
        member("regions", &P::regions, ""),
        member("budget_pages", &P::budget_pages, "that it may hold, from its configuration"),
    };
};

template <> struct Shape<RegionEntry> {
    using R = RegionEntry;
    static constexpr std::tuple members{
        member("start", &R::start, "virtual address"),
        member("bytes", &R::bytes, ""),
        member("read", &R::read, ""),
        member("write", &R::write, ""),
        member("execute", &R::execute, ""),
        member("kind", &R::kind, "what it is for"),
        member("resident_pages", &R::resident_pages, "that have a frame"),
        member("shared_pages", &R::shared_pages, "of these, those that are mapped elsewhere too"),
        member("shared_memory", &R::shared_memory, "its identity, never used twice; null for other memory"),
        member("offset", &R::offset, "of the first page in the shared memory"),
    };
};

template <> struct EnumNames<SanityLevel> {
    static constexpr std::array<std::string_view, 4> names{"none", "top", "functions", "detail"};
};

template <> struct EnumNames<PageUse> {
    static constexpr std::array<std::string_view, 14> names{
        "none", "free",          "kernel",       "boot_archive", "vm_image",     "frame_records", "check_table",
        "slab", "vm_page_table", "root_entries", "page_table",   "process_page", "contiguous",    "left_behind"};
};

template <> struct EnumNames<MemoryProblem> {
    static constexpr std::array<std::string_view, 12> names{
        "none",      "used_twice",  "used_and_free", "leaked",      "not_memory",   "wrong_references",
        "wrong_use", "wrong_count", "wrong_region",  "wrong_entry", "damaged_slab", "leaked_object"};
};

template <> struct Shape<MemoryCheck> {
    using M = MemoryCheck;
    static constexpr std::tuple members{
        member("level", &M::level, "how closely VM checks itself of its own accord, from the boot command line"),
        member("pages", &M::pages, "of RAM that were compared"),
        member("checks", &M::checks, "since boot, this one included"),
        member("problems", &M::problems, ""),
        member("first_problem", &M::first_problem, "as all that follows"),
        member("address", &M::address,
               "physical; of the owner's for wrong_region and wrong_entry, VM's own for damaged_slab"),
        member("first_use", &M::first_use, "of the page"),
        member("second_use", &M::second_use, "of the page, when it has two"),
        member("owner", &M::owner, "process whose memory it is; 0: none"),
    };
};

template <> struct Shape<SlabEntry> {
    using S = SlabEntry;
    static constexpr std::tuple members{
        member("name", &S::name, "what the objects are"),
        member("object_bytes", &S::object_bytes, "of one"),
        member("objects", &S::objects, "in use"),
        member("objects_per_page", &S::objects_per_page, ""),
        member("pages", &S::pages, ""),
    };
};

template <> struct Shape<OneSpace> {
    static constexpr std::tuple members{member("endpoint", &OneSpace::endpoint, "of the process")};
};

template <> struct Shape<Regions> {
    static constexpr auto members = with_list_members(member("endpoint", &Regions::endpoint, "of the process"));
};

namespace {

Outcome<MemoryStatistics> statistics(Call& call, const Nothing&) {
    return from_system(call.system.memory.statistics());
}

Outcome<ProcessMemory> process(Call& call, const OneSpace& parameters) {
    return from_system(call.system.memory.process(parameters.endpoint));
}

Outcome<Nothing> regions(Call& call, const Regions& parameters, Range range, Visitor<RegionEntry>& visitor) {
    return listed(call.system.memory.regions(parameters.endpoint, range, visitor));
}

Outcome<MemoryCheck> check(Call& call, const Nothing&) { return from_system(call.system.memory.check()); }

Outcome<Nothing> slabs(Call& call, const ListParameters&, Range range, Visitor<SlabEntry>& visitor) {
    return listed(call.system.memory.slabs(range, visitor));
}

constexpr std::array no_memory{
    ErrorCase{ErrorCode::refused, "ENOMEM", "there is no memory for the notes of the check"},
};

constexpr std::array no_process{
    ErrorCase{ErrorCode::refused, "ESRCH", "no process has this endpoint, or has it any more"},
};

constexpr std::array table{
    method<&statistics>({
        .name = "vm.stats",
        .summary = "Where the memory is, and what was counted",
        .asks = "vm",
        .example = {"{}", R"({"page_bytes":4096,"total_pages":32735,"free_pages":29811,)"
                          R"("largest_free_block_pages":28700,"kernel_pages":512,"archive_pages":700,)"
                          R"("page_table_pages":61,"vm_own_pages":240,"process_pages":1411,"preserved_pages":0,)"
                          R"("faults":"1490","faults_resolved":"1489","faults_refused":"1","spaces":8,)"
                          R"("shared_memories":1,"events":{"kernel_requests":"12","pages_supplied":"1460",)"
                          R"("pages_copied":"20","pages_made_writable":"14","pages_there":"3",)"
                          R"("refused_no_region":"1","refused_access":"0","refused_no_memory":"0",)"
                          R"("refused_endless":"0","forks":"2","execs":"1"},"kernel":{"loads":"40100",)"
                          R"("loads_saved":"922","copies":"3111","copied_bytes":"1203114","copy_faults":"2"}})"},
    }),
    method<&process>({
        .name = "vm.process",
        .summary = "The memory of one process",
        .asks = "vm",
        .errors = no_process,
        .example = {R"({"endpoint":4098})", R"({"endpoint":4098,"name":"ds","virtual_bytes":"2306048",)"
                                            R"("resident_pages":74,"unique_pages":62,"shared_pages":12,)"
                                            R"("page_table_pages":5,"regions":6,)"
                                            R"("budget_pages":1024})"},
    }),
    method<&regions>({
        .name = "vm.regions",
        .summary = "The regions of one process's address space",
        .asks = "vm",
        .errors = no_process,
        .example = {R"({"endpoint":4098,"limit":1})",
                    R"({"items":[{"start":"0x400000","bytes":"20480","read":true,"write":false,"execute":false,)"
                    R"("kind":"data","resident_pages":5,"shared_pages":2,"shared_memory":null,"offset":"0"}],)"
                    R"("next":"405000"})"},
    }),
    method<&check>({
        .name = "vm.check",
        .summary = "Compares every use of every page of memory; VM serves nobody else meanwhile",
        .role = Role::operate,
        .asks = "vm",
        .errors = no_memory,
        .example = {"{}", R"({"level":"none","pages":16352,"checks":"1","problems":0,"first_problem":"none",)"
                          R"("address":"0x0","first_use":"none","second_use":"none","owner":0})"},
    }),
    method<&slabs>({
        .name = "vm.slabs",
        .summary = "The objects that VM keeps",
        .asks = "vm",
        .example = {R"({"limit":1})", R"({"items":[{"name":"regions","object_bytes":72,"objects":46,)"
                                      R"("objects_per_page":54,"pages":1}],"next":"1"})"},
    }),
};

} // namespace

std::span<const Method> vm_methods() { return table; }

} // namespace tessera::netmgmt
