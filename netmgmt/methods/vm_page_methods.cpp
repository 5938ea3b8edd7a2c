// SPDX-License-Identifier: BSD-3-Clause
// vm.shares, vm.share_runs, vm.free: whose the pages are.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {

template <> struct EnumNames<SharingReason> {
    static constexpr std::array<std::string_view, 3> names{"fork", "image", "shared_memory"};
};

template <> struct Shape<SharingProcess> {
    static constexpr std::tuple members{
        member("endpoint", &SharingProcess::endpoint, ""),
        member("name", &SharingProcess::name, ""),
    };
};

template <> struct Shape<SharingGroup> {
    using S = SharingGroup;
    static constexpr std::tuple members{
        member("reason", &S::reason,
               "fork: until one of them writes; image: of a program in the boot archive; or shared_memory"),
        member("processes", &S::processes, "that have the pages; of shared memory those that have it mapped"),
        member("pages", &S::pages, "that have a frame"),
        member("shared_memory", &S::shared_memory, "its identity, which vm.regions tells too; null for other reasons"),
    };
};

template <> struct Shape<SharingRun> {
    using S = SharingRun;
    static constexpr std::tuple members{
        member("reason", &S::reason, "as in vm.shares"),
        member("processes", &S::processes, "as in vm.shares"),
        member("start", &S::start, "virtual address in each of the processes; null for shared memory"),
        member("pages", &S::pages, "in a row; of shared memory all that have a frame"),
        member("shared_memory", &S::shared_memory, "its identity; null for other reasons"),
    };
};

template <> struct Shape<FreeRange> {
    static constexpr std::tuple members{
        member("base", &FreeRange::base, "physical address"),
        member("pages", &FreeRange::pages, ""),
    };
};

template <> struct Shape<FreeTotals> {
    using F = FreeTotals;
    static constexpr std::tuple members{
        member("free_pages", &F::free_pages, "of all ranges"),
        member("largest_block_pages", &F::largest_block_pages, "of the largest range"),
        member("ranges", &F::ranges, "on all pages of the list"),
    };
};

namespace {

Outcome<Nothing> shares(Call& call, const ListParameters&, Range range, Visitor<SharingGroup>& visitor) {
    return listed(call.system.memory.sharing_groups(range, visitor));
}

Outcome<Nothing> share_runs(Call& call, const ListParameters&, Range range, Visitor<SharingRun>& visitor) {
    return listed(call.system.memory.sharing_runs(range, visitor));
}

Outcome<FreeTotals> free_list(Call& call, const ListParameters&, Range range, Visitor<FreeRange>& visitor) {
    return from_system(call.system.memory.free_ranges(range, visitor));
}

constexpr std::array table{
    method<&shares>({
        .name = "vm.shares",
        .summary = "Which processes share how many pages, and why",
        .asks = "vm",
        .example = {R"({"limit":1})", R"({"items":[{"reason":"fork","processes":[{"endpoint":4104,"name":"shell"},)"
                                      R"({"endpoint":4105,"name":"shell"}],"pages":31,"shared_memory":null}],)"
                                      R"("next":"80000401000"})"},
    }),
    method<&share_runs>({
        .name = "vm.share_runs",
        .summary = "The pages that processes share, in runs that the same processes have for the same reason",
        .asks = "vm",
        .example = {R"({"limit":1})", R"({"items":[{"reason":"image","processes":[{"endpoint":4104,"name":"shell"},)"
                                      R"({"endpoint":4105,"name":"shell"}],"start":"0x401000","pages":12,)"
                                      R"("shared_memory":null}],"next":"80000428000"})"},
    }),
    method<&free_list>({
        .name = "vm.free",
        .summary = "The free list: ranges of physical memory that nobody uses",
        .asks = "vm",
        .example = {R"({"limit":1})", R"({"items":[{"base":"0x100000","pages":3}],"next":"103000",)"
                                      R"("free_pages":12001,"largest_block_pages":11264,"ranges":7})"},
    }),
};

} // namespace

std::span<const Method> vm_page_methods() { return table; }

} // namespace tessera::netmgmt
