// SPDX-License-Identifier: BSD-3-Clause
// VM: the memory server. Owns physical memory and all page tables, makes address spaces, resolves page faults.

#include "kernel/abi/user_layout.h"
#include "servers/runtime/server.h"
#include "servers/vm/checked_service.h"
#include "servers/vm/fatal.h"
#include "servers/vm/first_process.h"
#include "servers/vm/own_pages.h"
#include "servers/vm/own_view.h"
#include "servers/vm/processor_random.h"
#include "servers/vm/service.h"
#include "servers/vm/system_kernel.h"
#include "servers/vm/text_line.h"

namespace tessera::vm {
namespace {

template <class T> T* fixed_place(VirtualAddress address) { return reinterpret_cast<T*>(address.value); }

void announce(KernelInterface& kernel, const MemoryCounts& counts, SanityLevel level) {
    constexpr std::uint64_t pages_per_mib = 1024 * 1024 / page_bytes;
    TextLine line;
    line << counts.total / pages_per_mib << " MiB of memory, " << counts.free / pages_per_mib << " MiB free";
    if (level != SanityLevel::none) line << "; checks itself, level " << name_of(level);
    kernel.log(LogLevel::info, line.view());
}

[[noreturn]] void run() {
    const BootInfo& boot_info = *fixed_place<const BootInfo>(user_layout::boot_info);
    if (boot_info.version != boot_info_version) fatal("boot information of another version");

    const PhysicalView view(fixed_place<std::byte>(user_layout::physical_view));
    FrameAllocator frames(view, std::span(boot_info.ranges).first(boot_info.range_count));
    SystemKernel kernel;
    const SanityLevel level = sanity_level(boot_info.command_line.data());
    const auto vm_root_entry = PageEntry::from_raw(boot_info.vm_root_entry);
    OwnView own_view(frames, kernel, vm_root_entry);
    OwnPages own_pages(frames, level >= SanityLevel::functions ? &own_view : nullptr);
    Slab<Region> regions(own_pages, region_slab_name);
    SharedObjects shared(frames, own_pages);
    GrantedMaps maps(frames, own_pages);
    const MemoryTypes types(frames, shared);
    ProcessorRandom random;

    const SpaceEnvironment environment{
        .frames = frames, .kernel = kernel, .types = types, .regions = regions, .shared = shared, .maps = maps};
    Spaces spaces(environment, own_pages, vm_root_entry, boot_info.clock_page);
    Programs programs(view, boot_info);
    Service service(environment, spaces, programs, random, boot_info);
    const CheckedParts parts{.frames = frames,
                             .spaces = spaces,
                             .shared = shared,
                             .maps = maps,
                             .slabs = own_pages,
                             .regions = regions.core(),
                             .boot_info = boot_info};
    Checker checker(parts, frames, own_pages, kernel, level);
    CheckedService checked_service(service, checker, environment, spaces);

    announce(kernel, frames.counts(), level);
    const Completion started = start_rs(environment, spaces, programs, random);
    if (!started.has_value()) {
        TextLine line;
        line << "cannot start `rs` from the boot archive: " << status_name(started.error());
        fatal(line.view());
    }
    runtime::serve<protocol::vm::VmProtocol>(checked_service);
}

} // namespace
} // namespace tessera::vm

// Where the kernel lets VM begin: the stack is as after a call.
extern "C" [[noreturn]] void _start() { tessera::vm::run(); }
