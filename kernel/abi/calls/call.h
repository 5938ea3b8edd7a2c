// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What a declaration of a kernel call consists of. Every call is a struct with:
//
//   name, summary            the name programs and configuration files use; one sentence
//   description              more of it (may be left out)
//   group                    the chapter of the manual
//   Request, Reply           what its eight words hold; NoRequest, NoReply
//   request_fields           a tuple with a field<&Request::member>("meaning") for each member, in their order
//   reply_fields             the same of Reply; both are left out for an empty struct
//   errors                   an array of CallError: every error that only this call has, or no_errors
//   memory                   whether it accesses user memory
//
// kernel_calls.h checks at compile time that nothing is missing.

#include "kernel/abi/status.h"
#include <array>
#include <string_view>
#include <tuple>

namespace tessera {

struct NoRequest {};
struct NoReply {};

struct CallError {
    Status status;
    std::string_view when;
};
inline constexpr std::array<CallError, 0> no_errors{};

enum class CallGroup {
    processes,
    messages,
    signals,
    scheduling,
    spaces,
    privileges,
    devices,
    grants,
    time_and_log,
    information,
    observation
};

// accessed: of the caller or of another process. Such a call can wait for VM, which brings the pages; it is then
// performed again from its start, and answers bad_address when VM refuses.
enum class CallMemory { untouched, accessed };

// A member of a request or reply.
template <class Owner, class Value> struct CallField {
    using Type = Value;

    std::string_view name;
    Value Owner::* pointer;
    std::string_view meaning;
};

namespace detail {

template <auto Pointer> consteval std::string_view member_name() {
    // "... [Pointer = &tessera::kernel_calls::Exit::Request::exit_status]"
    std::string_view text = __PRETTY_FUNCTION__;
    text.remove_suffix(1);
    return text.substr(text.rfind(':') + 1);
}

template <class Owner, class Value>
consteval auto make_field(std::string_view name, Value Owner::* pointer, std::string_view meaning) {
    return CallField<Owner, Value>{name, pointer, meaning};
}

} // namespace detail

template <auto Pointer> consteval auto field(std::string_view meaning) {
    return detail::make_field(detail::member_name<Pointer>(), Pointer, meaning);
}

} // namespace tessera
