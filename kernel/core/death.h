// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The cause of a death in words.

#include "kernel/abi/process.h"
#include "kernel/core/text.h"

namespace tessera::kernel {

template <std::size_t Capacity> void describe_death(Text<Capacity>& text, const DeathReport& death) {
    switch (death.cause) {
    case DeathCause::none:
        text << "not dead";
        break;
    case DeathCause::exited:
        text << "exit " << death.detail;
        return;
    case DeathCause::page_fault:
        text << "page fault at " << Hexadecimal{death.detail};
        break;
    case DeathCause::illegal_instruction:
        text << "illegal instruction";
        break;
    case DeathCause::divide_error:
        text << "divide error";
        break;
    case DeathCause::general_protection:
        text << "general protection";
        break;
    case DeathCause::other_exception:
        text << "exception " << death.detail;
        break;
    case DeathCause::killed:
        text << "killed";
        return;
    case DeathCause::signalled:
        text << "signal " << death.detail;
        break;
    case DeathCause::message_error:
        text << "promised memory is missing";
        break;
    }
    text << ", instruction " << Hexadecimal{death.instruction_pointer};
}

} // namespace tessera::kernel
