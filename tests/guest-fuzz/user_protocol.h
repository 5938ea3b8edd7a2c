// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the fuzzer tells its user processes. Whatever is no command is answered with the same words.

#include "kernel/abi/endpoint.h"
#include <cstdint>

namespace tessera::guest_fuzz {

enum class UserCommand : std::uint64_t {
    fuzz = 1,   // not answered: who waits for an answer could be sent garbage instead
    report = 2, // answered with the UserReport of the last fuzz
    exit = 3,   // not answered; `seed` is the exit status
};

struct FuzzOrder {
    UserCommand command;
    std::uint64_t seed = 0;
    std::uint64_t calls = 0;
    Endpoint self; // of the user process
};

struct UserReport {
    std::uint64_t calls = 0;
    std::uint64_t answered_ok = 0;
    std::uint64_t denied = 0;     // call_denied
    std::uint64_t unexpected = 0; // an answer that its privileges or the table do not allow
    std::uint64_t first_kind = 0; // Operation and Status of the first of these
    std::uint64_t first_number = 0;
    std::uint64_t first_status = 0;
};

} // namespace tessera::guest_fuzz
