// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Where VM gets what programs seed their random numbers with.

#include "servers/vm/first_stack.h"

namespace tessera::vm {

class RandomSource {
public:
    virtual RandomSeed seed() = 0;

protected:
    ~RandomSource() = default;
};

} // namespace tessera::vm
