// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/first_process.h"
#include "boot/archive.h"
#include "servers/vm/image_loader.h"

namespace tessera::vm {

Completion start_rs(const SpaceEnvironment& environment, Spaces& spaces, RandomSource& random,
                    const BootInfo& boot_info) {
    constexpr std::string_view name = "rs";
    const std::span<const std::byte> bytes{environment.frames.view().at(boot_info.archive), boot_info.archive_bytes};
    const auto archive = TESSERA_TRY(boot::Archive::open(bytes));
    const std::span<const std::byte> program = TESSERA_TRY(archive.find(name));

    ProcessMemory* memory = TESSERA_TRY(spaces.create({.process = endpoints::rs, .budget_pages = rs_budget_pages}));
    VisibleImage file(program);
    const LoadedProgram loaded =
        TESSERA_TRY(ImageLoader(environment)
                        .load(memory->space, file, program.size(), std::as_bytes(std::span(name)), random.seed()));
    TESSERA_TRY(memory->space.bind(loaded.entry, loaded.stack));
    return environment.kernel.process_start(endpoints::rs);
}

} // namespace tessera::vm
