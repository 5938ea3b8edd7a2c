// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// In unit tests VM's last resort is an exception.

#include <stdexcept>

namespace tessera::tests {

struct FatalError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace tessera::tests
