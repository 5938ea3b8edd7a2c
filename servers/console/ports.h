// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Byte-wide I/O ports. Tests bring their own.

#include "kernel/abi/strong.h"

namespace tessera::console {

class Ports {
public:
    virtual ~Ports() = default;
    virtual std::uint8_t read(IoPort port) = 0;
    virtual void write(IoPort port, std::uint8_t value) = 0;
};

} // namespace tessera::console
