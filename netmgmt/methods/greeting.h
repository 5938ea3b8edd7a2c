// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the server says first on every connection, and again to `system.hello`.

#include "netmgmt/methods/call.h"
#include "netmgmt/schema/shape.h"

namespace tessera::netmgmt {

template <> struct Shape<Identity> {
    static constexpr std::tuple members{
        member("product", &Identity::product, ""),
        member("version", &Identity::version, "of the product"),
        member("protocol", &Identity::protocol, "version of this protocol"),
        member("build", &Identity::build, "which sources it was built from"),
        member("mode", &Identity::mode, "open: every session may do everything"),
        member("features", &Identity::features, "what this server can beside the protocol's version"),
    };
};

/// The first line of a connection, with its LF: a notification `hello`.
[[nodiscard]] std::string greeting_line(const Identity& identity);

} // namespace tessera::netmgmt
