// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/describe.h"

namespace tessera::netmgmt {

Outcome<void> written(const JsonWriter& out) {
    if (out.fits()) return {};
    return std::unexpected(limit_exceeded("reply_bytes", "the result does not fit into the reply"));
}

Outcome<Nothing> listed(ListResult result) { return done(std::move(result)); }

Outcome<Nothing> done(SystemResult<void> result) {
    return from_system(std::move(result)).transform([] { return Nothing{}; });
}

} // namespace tessera::netmgmt
