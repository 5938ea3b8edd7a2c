// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Access to pages as clients say it.

#include "kernel/abi/result.h"
#include "servers/protocols/vm.h"
#include "servers/vm/page_entry.h"

namespace tessera::vm {

// invalid: no such protection; access_denied: writable and executable.
constexpr Result<PageAccess> access_of(protocol::vm::Protection protection) {
    using protocol::vm::Protection;
    constexpr Protection all = Protection::read | Protection::write | Protection::execute;
    if (!includes(all, protection)) return Status::invalid;
    if (includes(protection, Protection::write | Protection::execute)) return Status::access_denied;
    if (includes(protection, Protection::write)) return PageAccess::read_write;
    if (includes(protection, Protection::execute)) return PageAccess::read_execute;
    return includes(protection, Protection::read) ? PageAccess::read : PageAccess::none;
}

constexpr protocol::vm::Protection protection_of(PageAccess access) {
    using protocol::vm::Protection;
    switch (access) {
    case PageAccess::none:
        return Protection::none;
    case PageAccess::read:
        return Protection::read;
    case PageAccess::read_write:
        return Protection::read | Protection::write;
    case PageAccess::read_execute:
        return Protection::read | Protection::execute;
    }
    return Protection::none;
}

} // namespace tessera::vm
