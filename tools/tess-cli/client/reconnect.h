// SPDX-License-Identifier: BSD-3-Clause
// Getting back to a system whose network or management server is being restarted.
#pragma once

#include "tools/tess-cli/client/channel.h"

#include <memory>

namespace tessera::tess {

/// Attempts until one succeeds or the deadline is over; the last failure is then the result.
///
/// A port forwarder accepts connections while the guest cannot, and they then hang. So a single attempt gets a quarter
/// of a second at first and up to two seconds later, rather than all the time there is.
[[nodiscard]] Result<std::unique_ptr<Channel>> connect_until(Connector& connector, Clock& clock, Instant deadline);

} // namespace tessera::tess
