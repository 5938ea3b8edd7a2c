// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The processes at which random calls and messages are aimed.

#include "kernel/abi/endpoint.h"
#include <algorithm>
#include <vector>

namespace tessera::guest_fuzz {

struct Cast {
    Endpoint self;
    Endpoint partner;             // a user process that answers what it is sent
    std::vector<Endpoint> bare;   // processes without a space that the fuzzer made
    std::vector<Endpoint> users;  // processes with a program that PM made for the fuzzer
    std::vector<Endpoint> others; // everybody else who lives
    std::vector<Endpoint> gone;   // who lived once

    static bool contains(const std::vector<Endpoint>& list, Endpoint endpoint) {
        return std::ranges::find(list, endpoint) != list.end();
    }
};

} // namespace tessera::guest_fuzz
