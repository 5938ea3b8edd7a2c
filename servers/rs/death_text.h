// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Why a service died, in words for the log.

#include "kernel/abi/process.h"
#include "servers/protocols/rs.h"
#include <format>
#include <string>

namespace tessera::rs {

inline std::string kill_text(protocol::rs::KillReason reason) {
    switch (reason) {
    case protocol::rs::KillReason::on_request:
        return "killed";
    case protocol::rs::KillReason::heartbeat_missed:
        return "heartbeat missed";
    case protocol::rs::KillReason::not_ready_in_time:
        return "not ready in time";
    }
    return "killed";
}

inline std::string death_text(DeathCause cause, std::uint64_t detail) {
    switch (cause) {
    case DeathCause::none:
        return "no cause";
    case DeathCause::exited:
        return std::format("exit {}", detail);
    case DeathCause::page_fault:
        return std::format("page fault at {:#x}", detail);
    case DeathCause::illegal_instruction:
        return "illegal instruction";
    case DeathCause::divide_error:
        return "divide error";
    case DeathCause::general_protection:
        return "general protection";
    case DeathCause::other_exception:
        return std::format("exception {}", detail);
    case DeathCause::killed:
        return kill_text(static_cast<protocol::rs::KillReason>(detail));
    case DeathCause::signalled:
        return std::format("signal {}", detail);
    case DeathCause::message_error:
        return "promised memory is missing";
    }
    return std::format("cause {}", static_cast<unsigned>(cause));
}

} // namespace tessera::rs
