// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/programs.h"
#include "boot/archive.h"
#include "servers/vm/fatal.h"

namespace tessera::vm {

Programs::Programs(PhysicalView view, const BootInfo& boot_info) : view_(view) {
    const auto archive = boot::Archive::open({view.at(boot_info.archive), boot_info.archive_bytes});
    if (!archive.has_value()) fatal("the boot archive is damaged");
    for (const boot::ArchiveEntry& entry : *archive) {
        const Name name(entry.name);
        if (!entry.regular_file() || name.view() != entry.name) continue; // a name too long to be asked for
        if (count_ == limit) fatal("too many files in the boot archive");
        entries_[count_++] = {.name = name, .file = entry.contents, .checksum = entry.checksum};
    }
}

Result<Program> Programs::find(const Name& name) {
    for (Entry& entry : std::span(entries_).first(count_)) {
        if (entry.name != name) continue;
        if (entry.intact == Intact::unknown) {
            const boot::ArchiveEntry file{.name = {}, .contents = entry.file, .mode = 0, .checksum = entry.checksum};
            entry.intact = file.intact() ? Intact::yes : Intact::no;
        }
        if (entry.intact == Intact::no) return Status::damaged;
        return Program{.file = entry.file, .base = view_.address_of(entry.file.data())};
    }
    return Status::no_entry;
}

} // namespace tessera::vm
