// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Who may call what.

#include "netmgmt/schema/shape.h"

#include <bitset>

namespace tessera::netmgmt {

enum class Role : std::uint8_t {
    none,    ///< whoever can connect
    observe, ///< reads
    operate, ///< changes
    inject,  ///< faults
};

template <> struct EnumNames<Role> {
    static constexpr std::array<std::string_view, 4> names{"none", "observe", "operate", "inject"};
};

/// How the image was built or booted.
enum class AccessMode : std::uint8_t {
    open,   ///< every session has every role
    locked, ///< a session begins with none
};

template <> struct EnumNames<AccessMode> {
    static constexpr std::array<std::string_view, 2> names{"open", "locked"};
};

/// The roles that a session holds; `Role::none` is always among them.
class RoleSet {
public:
    [[nodiscard]] static RoleSet for_mode(AccessMode mode) {
        RoleSet roles;
        roles.held_.set(static_cast<std::size_t>(Role::none));
        if (mode == AccessMode::open) roles.held_.set();
        return roles;
    }

    [[nodiscard]] bool holds(Role role) const { return held_[static_cast<std::size_t>(role)]; }

private:
    std::bitset<EnumNames<Role>::names.size()> held_;
};

} // namespace tessera::netmgmt
