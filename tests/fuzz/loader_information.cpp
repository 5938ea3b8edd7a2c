// SPDX-License-Identifier: BSD-3-Clause
// Any bytes as a loader's information: refused, or what is read lies inside of them and makes a well-formed plan.

#include "boot/loader_information.h"
#include "boot/memory_plan.h"
#include "kernel/abi/user_layout.h"
#include <cstdlib>

using namespace tessera;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_plan(const boot::MemoryPlan& plan) {
    PhysicalAddress end{page_bytes};
    for (const MemoryRange& range : plan.ranges()) {
        require(range.base >= end && range.base.page_aligned() && range.bytes != 0 && range.bytes % page_bytes == 0);
        end = range.base + range.bytes;
    }
    require(end.value <= user_layout::physical_view_bytes && plan.ranges().size() <= memory_range_limit);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto information = boot::LoaderInformation::parse({reinterpret_cast<const std::byte*>(data), size});
    if (!information.has_value()) return 0;
    require(information->memory_count > 0 && information->memory_count <= memory_range_limit);
    const auto& line = information->command_line;
    const auto* begin = reinterpret_cast<const char*>(data);
    require(line.empty() || (line.data() >= begin && line.data() + line.size() < begin + size));
    boot::MemoryPlan plan{std::span(information->memory).first(information->memory_count)};
    check_plan(plan);
    (void)plan.claim(information->archive, information->archive_bytes, MemoryKind::boot_archive);
    check_plan(plan);
    return 0;
}
