// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Random seeds from the processor: RDRAND where there is one (Intel SDM vol. 1, 7.3.17), and always the time-stamp
// counter, mixed. Without RDRAND a seed can be guessed: it makes programs run, it is no secret.

#include "servers/vm/random_source.h"

namespace tessera::vm {

class ProcessorRandom final : public RandomSource {
public:
    ProcessorRandom();
    RandomSeed seed() override;

private:
    std::uint64_t next();

    bool has_instruction_;
    std::uint64_t state_;
};

} // namespace tessera::vm
