// SPDX-License-Identifier: BSD-3-Clause
// VM's check of itself, asked for by an ordinary process.

#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "tests/target/test.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::vm;

template <class Operation> Result<typename Operation::Reply> vm(const typename Operation::Request& request = {}) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

void finds_nothing(Environment&) {
    const Check::Reply first = require_value(vm<Check>());
    require_equal(first.problems, 0u, "problems");
    require(first.pages > 0, "pages were compared");
    const Check::Reply second = require_value(vm<Check>());
    require(second.checks > first.checks, "each check is counted");
}

// Regions are objects: mapping makes one, and no more than one.
void slabs_are_told(Environment&) {
    const auto regions = [] {
        for (std::uint32_t i = 0;; ++i) {
            const SlabStatistics::Reply slab = require_value(vm<SlabStatistics>({.index = i}));
            if (std::string_view(slab.name.data()) == "regions") return slab.objects;
        }
    };
    const std::uint32_t before = regions();
    const Map::Reply mapped = require_value(vm<Map>(
        {.address = {}, .bytes = page_bytes, .protection = Protection::none, .placement = MapPlacement::anywhere}));
    require_equal(regions(), before + 1, "regions");
    require_value(vm<Unmap>({.address = mapped.address, .bytes = page_bytes}));
    require_equal(regions(), before, "regions");
    require_status(vm<SlabStatistics>({.index = 1000}).status(), Status::no_entry);
}

void seeding_is_refused(Environment&) {
    for (const Bug bug : {Bug::stray_write, Bug::leaked_page, Bug::leaked_object})
        require_status(vm<SeedBug>({.page = {}, .bug = bug}).status(), Status::not_permitted);
}

constexpr std::array tests{
    Test{"vm_check.finds_nothing", finds_nothing},
    Test{"vm_check.slabs", slabs_are_told},
    Test{"vm_check.seeding_is_refused", seeding_is_refused},
};

} // namespace

std::span<const Test> vm_check_tests() { return tests; }

} // namespace tessera::target
