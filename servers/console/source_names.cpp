// SPDX-License-Identifier: BSD-3-Clause
#include "servers/console/source_names.h"
#include <format>

namespace tessera::console {

Name SourceNames::of(Endpoint source) {
    if (source == endpoints::kernel) return Name("kernel");
    const auto unknown = [&] { return Name(std::format("{}.{}", source.slot(), source.generation())); };
    if (source.slot() >= known_.size()) return unknown();
    Known& known = known_[source.slot()];
    if (known.endpoint == source) return known.name;
    const auto name = processes_.name_of(source);
    if (!name) return unknown();
    known = {.endpoint = source, .name = *name};
    return *name;
}

} // namespace tessera::console
