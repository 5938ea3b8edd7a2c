// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What follows from the declarations of all kernel calls: fields by name, answers that a call may give. A call without
// its errors, or with a field that nothing is said of, does not compile with it; the kernel's dispatcher includes it.

#include "kernel/abi/counters.h"
#include "kernel/abi/kernel_calls.h"
#include <algorithm>

namespace tessera {

static_assert(KernelCallTable::size <= kernel_call_limit);

// What every kernel call can answer besides its own errors.
inline constexpr std::array common_call_errors{
    CallError{Status::primitive_denied, "kernel calls are not in the caller's primitive mask"},
    CallError{Status::call_denied, "the call is not in the caller's kernel-call mask"},
    CallError{Status::bad_call, "there is no call with this number"},
};
// And what those can that access user memory.
inline constexpr CallError memory_error{
    Status::bad_address, "an address or a range is not in user space, or VM refuses it: no memory, no right to it"};

// The fields of a request or reply, with nothing for one that is empty.
template <class Call> constexpr auto request_fields() {
    if constexpr (std::is_empty_v<typename Call::Request>)
        return std::tuple{};
    else
        return Call::request_fields;
}
template <class Call> constexpr auto reply_fields() {
    if constexpr (std::is_empty_v<typename Call::Reply>)
        return std::tuple{};
    else
        return Call::reply_fields;
}

// Whether the table lets a call answer this. ok is always declared.
template <class Call> constexpr bool may_answer(Status status) {
    const auto is = [&](const CallError& error) { return error.status == status; };
    if (status == Status::ok || std::ranges::any_of(common_call_errors, is)) return true;
    if (Call::memory == CallMemory::accessed && is(memory_error)) return true;
    return std::ranges::any_of(Call::errors, is);
}

// The same by number; a number that is no call's answers bad_call or primitive_denied.
constexpr bool kernel_call_may_answer(std::uint64_t number, Status status) {
    if (number >= KernelCallTable::size) return status == Status::bad_call || status == Status::primitive_denied;
    bool declared = false;
    KernelCallTable::for_each([&]<class Call>() {
        if (kernel_call_number<Call> == number) declared = may_answer<Call>(status);
    });
    return declared;
}

namespace detail {

struct AnyValue {
    template <class T> operator T() const;
};

template <class T, class... Values> consteval std::size_t member_count() {
    if constexpr (requires { T{Values{}..., AnyValue{}}; })
        return member_count<T, Values..., AnyValue>();
    else
        return sizeof...(Values);
}

// Each field is of this struct, and there are as many as the struct has members.
template <class Struct, class... Owners, class... Values>
consteval bool covers(const std::tuple<CallField<Owners, Values>...>& fields) {
    const bool said = std::apply([](const auto&... field) { return (!field.meaning.empty() && ... && true); }, fields);
    return said && (std::is_same_v<Owners, Struct> && ... && true) && sizeof...(Owners) == member_count<Struct>();
}

// No error twice, and none that is declared for all calls.
template <class Call> consteval bool declares_errors() {
    for (const CallError& error : Call::errors) {
        const auto is = [&](const CallError& other) { return other.status == error.status; };
        if (error.when.empty() || error.status == Status::ok || is(memory_error)) return false;
        if (std::ranges::any_of(common_call_errors, is) || std::ranges::count_if(Call::errors, is) != 1) return false;
    }
    return true;
}

template <class Call> consteval bool well_declared() {
    static_assert(sizeof(typename Call::Request) <= sizeof(Message) && sizeof(typename Call::Reply) <= sizeof(Message));
    static_assert(!Call::name.empty() && Call::summary.ends_with('.') && Call::group <= CallGroup::observation);
    static_assert(Call::memory == CallMemory::untouched || Call::memory == CallMemory::accessed);
    static_assert(covers<typename Call::Request>(request_fields<Call>()), "a field of the request has no meaning");
    static_assert(covers<typename Call::Reply>(reply_fields<Call>()), "a field of the reply has no meaning");
    static_assert(declares_errors<Call>(), "an error is declared twice, or is one of all calls");
    return true;
}

template <class... Calls> consteval bool all_well_declared(TypeList<Calls...>) {
    return (well_declared<Calls>() && ...);
}

static_assert(all_well_declared(KernelCallTable{}));

} // namespace detail

} // namespace tessera
