// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/first_process.h"
#include "servers/vm/image_loader.h"

namespace tessera::vm {

Completion start_rs(const SpaceEnvironment& environment, Spaces& spaces, Programs& programs, RandomSource& random) {
    constexpr std::string_view name = "rs";
    const Program program = TESSERA_TRY(programs.find(Name(name)));
    ProcessMemory* memory = TESSERA_TRY(spaces.create({.process = endpoints::rs, .budget_pages = rs_budget_pages}));
    const LoadedProgram loaded =
        TESSERA_TRY(ImageLoader(environment)
                        .load(memory->space, program, {.strings = std::as_bytes(std::span(name))}, random.seed()));
    TESSERA_TRY(memory->space.bind(loaded.entry, loaded.stack));
    return environment.kernel.process_start(endpoints::rs);
}

} // namespace tessera::vm
