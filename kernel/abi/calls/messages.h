// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Kernel calls: what becomes of asynchronous messages.

#include "kernel/abi/calls/call.h"
#include "kernel/abi/endpoint.h"
#include "kernel/abi/message.h"

namespace tessera::kernel_calls {

struct MessageNextLost {
    static constexpr std::string_view name = "message_next_lost";
    static constexpr std::string_view summary =
        "Fetches an asynchronous message that its receiver did not live to take.";
    static constexpr std::string_view description =
        "The oldest one of the caller's; the kernel keeps it until it is fetched. The event message_lost tells that "
        "there is one.";
    static constexpr CallGroup group = CallGroup::messages;
    using Request = NoRequest;
    struct Reply {
        Endpoint receiver;
        std::uint32_t kept;
        std::array<std::uint64_t, message_words - 1> words;
    };
    static constexpr std::tuple reply_fields{
        field<&Reply::receiver>("to which it was sent; dead"),
        field<&Reply::kept>(
            "how many messages of the caller the kernel still keeps: those not taken yet and those lost"),
        field<&Reply::words>("its words, but for the last"),
    };
    static constexpr std::array errors{CallError{Status::no_entry, "none was lost"}};
    static constexpr CallMemory memory = CallMemory::untouched;
};

} // namespace tessera::kernel_calls
