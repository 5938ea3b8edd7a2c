// SPDX-License-Identifier: BSD-3-Clause
// The boot stage: from what the loader left to a BootInfo and VM's address space. It runs in the kernel's image with
// all memory below 4 GiB mapped as it is; what it cannot use it reports and stops.

#include "boot/acpi.h"
#include "boot/archive.h"
#include "boot/first_space.h"
#include "boot/loader_information.h"
#include "boot/memory_plan.h"
#include "kernel/abi/user_layout.h"
#include "kernel/arch/contract/machine.h"
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/x86_64/memory_map.h"
#include "kernel/main.h"
#include <algorithm>
#include <cstring>

namespace tessera::boot {

namespace {

constexpr std::uint64_t least_memory = 60ull * 1024 * 1024; // of a machine with 64 MiB, the firmware keeps some
constexpr PhysicalAddress reachable_end{4 * user_layout::gib};
constexpr std::size_t information_limit = 64 * 1024;

[[noreturn]] void stop(std::string_view why) {
    kernel::arch::console_write("Tessera cannot start: ");
    kernel::arch::console_write(why);
    kernel::arch::console_write("\n");
    kernel::arch::power_off();
}

template <class T> T require(Result<T>&& result, std::string_view why) {
    if (!result.has_value()) stop(why);
    return *std::move(result);
}

std::byte* identity(PhysicalAddress address) { return reinterpret_cast<std::byte*>(address.value); }

std::span<const std::byte> information_at(std::uint32_t magic, std::uint32_t address) {
    if (magic != multiboot2_magic)
        stop("it was not loaded by a Multiboot2 loader; use GRUB 2 with its `multiboot2` command");
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, identity({address}), sizeof(bytes));
    if (bytes > information_limit) stop("the loader's information is larger than 64 KiB");
    return {identity({address}), bytes};
}

MemoryPlan plan_memory(const LoaderInformation& loader) {
    using namespace kernel::x86_64;
    MemoryPlan plan{std::span(loader.memory).first(loader.memory_count)};
    if (plan.ram_bytes() < least_memory)
        stop("it needs at least 64 MiB of memory; give the machine more (--memory 64)");
    require(plan.claim({text_physical}, 2 * large_page_bytes, MemoryKind::kernel),
            "the memory from 2 to 6 MiB, where the kernel is, is not all RAM");
    if (loader.archive_bytes == 0) stop("the loader brought no boot archive; GRUB needs a `module2` line for it");
    require(plan.claim(loader.archive, loader.archive_bytes, MemoryKind::boot_archive),
            "the boot archive is outside of RAM");
    return plan;
}

struct Vm {
    std::uint64_t root_entry;
    VirtualAddress entry;
    PhysicalAddress boot_info;
};

// VM's space needs few frames: a few hundred KiB of image and stack, and the tables of the view.
Vm build_vm(FrameSource& frames, std::span<const std::byte> program, const MemoryPlan& plan) {
    const ElfImage image =
        require(ElfImage::open(program.first(std::min(program.size(), ElfImage::head_bytes)), program.size()),
                "`vm` in the boot archive is not a program that can be loaded");
    constexpr std::string_view no_memory = "there is not enough memory in one piece for VM";
    FirstSpace space = require(FirstSpace::create(frames), no_memory);
    require(space.load(program, image), no_memory);
    require(space.map_stack(), no_memory);
    require(space.map_view(plan.ranges()), no_memory);
    const PhysicalAddress boot_info = require(frames.take(), no_memory);
    require(space.map(user_layout::boot_info, boot_info, PageAccess::read), no_memory);
    require(space.map(user_layout::clock, kernel::clock_page(), PageAccess::read), no_memory);
    return {space.root_entry(), image.entry(), boot_info};
}

std::span<const std::byte> find_vm(std::span<const std::byte> archive_bytes) {
    const Archive archive = require(Archive::open(archive_bytes), "the boot archive is damaged; build the image again");
    const auto program = archive.find("vm");
    if (program.status() == Status::damaged)
        stop("`vm` in the boot archive is damaged: wrong checksum; build the image again");
    if (!program.has_value()) stop("the boot archive has no `vm`; build the image again");
    return *program;
}

// All that the identity mapping reaches, but for the first page.
ReachableMemory reachable_memory() {
    constexpr PhysicalAddress begin{page_bytes};
    return {begin, {identity(begin), reachable_end - begin}};
}

void fill(BootInfo& info, const LoaderInformation& loader, const MemoryPlan& plan) {
    info.firmware = loader.firmware;
    info.archive = loader.archive;
    info.archive_bytes = loader.archive_bytes;
    info.screen = loader.screen;
    info.physical_limit = plan.ram_end().value;
    for (const MemoryRange& range : plan.ranges()) info.ranges[info.range_count++] = range;
    const std::size_t length = std::min(loader.command_line.size(), command_line_limit - 1);
    std::memcpy(info.command_line.data(), loader.command_line.data(), length);
}

constinit BootInfo boot_info; // the kernel's own copy: VM's is in a page that VM sees

} // namespace

extern "C" [[noreturn]] void tessera_boot_main(std::uint32_t magic, std::uint32_t information_address) {
    kernel::x86_64::initialise_serial();
    const LoaderInformation loader = require(LoaderInformation::parse(information_at(magic, information_address)),
                                             "the loader's information is damaged or has no memory map");
    kernel::x86_64::initialise_screen(loader.screen);
    kernel::arch::console_write("Tessera 0.1.0\n");
    boot_info.interrupt_controllers = read_interrupt_controllers(reachable_memory(), loader.acpi_root_pointer);
    MemoryPlan plan = plan_memory(loader);
    const auto program = find_vm({identity(loader.archive), loader.archive_bytes});

    const MemoryRange piece = plan.largest_free_below(reachable_end);
    FrameSource frames{piece.base, piece.base + piece.bytes, identity};
    const PhysicalAddress root_entries = require(frames.take(), "there is no free memory");
    const Vm vm = build_vm(frames, program, plan);
    require(plan.claim(piece.base, frames.next() - piece.base, MemoryKind::vm_image),
            "the memory map has too many pieces");

    fill(boot_info, loader, plan);
    boot_info.clock_page = kernel::clock_page();
    boot_info.root_entries = root_entries;
    boot_info.vm_root_entry = vm.root_entry;
    boot_info.vm_entry = vm.entry;
    boot_info.vm_stack = user_layout::stack_end - 8;
    std::memcpy(identity(root_entries), &vm.root_entry, sizeof(vm.root_entry)); // VM's slot is 0
    std::memcpy(identity(vm.boot_info), &boot_info, sizeof(boot_info));
    kernel::main(boot_info);
}

} // namespace tessera::boot
