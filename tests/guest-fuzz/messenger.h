// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Random message primitives. One that could wait for ever is only aimed at who answers, or at whom the kernel refuses.

#include "servers/runtime/kernel.h"
#include "tests/guest-fuzz/tally.h"
#include "tests/guest-fuzz/values.h"

namespace tessera::guest_fuzz {

class Messenger {
public:
    Messenger(Random& random, Values& values, Tally& tally, const Cast& cast)
        : random_(random),
          values_(values),
          tally_(tally),
          cast_(cast) {}

    void step();

private:
    Endpoint peer_to_wait_for();
    void receive_something();
    void send_one_asynchronously();
    void count(Primitive primitive, Status status);
    Message garbage();

    Random& random_;
    Values& values_;
    Tally& tally_;
    const Cast& cast_;
};

} // namespace tessera::guest_fuzz
