// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How the system refuses what a method asked of it.

#include <cstdint>
#include <expected>
#include <string_view>

namespace tessera::netmgmt {

enum class Refusal : std::uint8_t {
    refused,     ///< a server or the kernel said no: asking again changes nothing
    unavailable, ///< the server is down or being restarted: asking again helps
};

struct SystemError {
    Refusal refusal;
    std::string_view name;  ///< of static storage, like "ESRCH"
    std::string_view where; ///< of static storage: who said so, like "ds" or "kernel"
};

template <class Value> using SystemResult = std::expected<Value, SystemError>;

} // namespace tessera::netmgmt
