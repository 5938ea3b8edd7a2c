// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Random kernel calls, driven by the table: a value for each declared field, garbage in all other bits, and the answer
// compared with the declared errors.

#include "kernel/abi/kernel_call_checks.h"
#include "servers/runtime/kernel.h"
#include "tests/guest-fuzz/fitting.h"
#include "tests/guest-fuzz/tally.h"
#include "tests/guest-fuzz/values.h"

namespace tessera::guest_fuzz {

// For a process whose mask is all the limit there is.
struct NoRestraints {
    template <class Call> void before(typename Call::Request&) {}
    template <class Call> void after(const typename Call::Request&, Status, const Message&) {}
};

// `Restraints` changes requests that would end the test or the system, and keeps account of what calls changed.
template <class Restraints> class Caller {
public:
    // `mask`: the kernel calls that this process may make; all others must answer call_denied.
    Caller(Random& random, Values& values, const Cast& cast, Tally& tally, Restraints& restraints, std::uint64_t mask)
        : random_(random),
          values_(values),
          cast_(cast),
          tally_(tally),
          restraints_(restraints),
          mask_(mask) {}

    void step() {
        if (random_.one_in(64)) return call_unknown();
        static constexpr auto table = performers(KernelCallTable{});
        (this->*random_.one_of(table))();
    }

    template <class Call> Status perform(typename Call::Request request) {
        restraints_.template before<Call>(request);
        Message message = garbage();
        if constexpr (!std::is_empty_v<typename Call::Request>)
            std::memcpy(message.words.data(), &request, sizeof(request));
        const Status status = trap<Call>(message);
        tally_.count({{Operation::Kind::kernel_call, kernel_call_number<Call>}, status}, expected<Call>(status));
        restraints_.template after<Call>(request, status, message);
        return status;
    }

private:
    using Performer = void (Caller::*)();

    // They would work, and the caller would not go on: it ends, waits for ever, or runs at an address of chance.
    template <class Call>
    static constexpr bool ends_run =
        std::is_same_v<Call, kernel_calls::Exit> || std::is_same_v<Call, kernel_calls::SignalWait> ||
        std::is_same_v<Call, kernel_calls::SignalRaise> || std::is_same_v<Call, kernel_calls::SignalReturn>;

    template <class... Calls> static constexpr std::array<Performer, sizeof...(Calls)> performers(TypeList<Calls...>) {
        return {&Caller::call<Calls>...};
    }

    template <class Call> void call() {
        if constexpr (ends_run<Call>) return;
        typename Call::Request request{};
        std::apply([&](const auto&... field) { (values_.choose(request.*field.pointer), ...); },
                   request_fields<Call>());
        if (random_.one_in(2)) make_fit(request, random_, cast_);
        perform<Call>(request);
    }

    void call_unknown() {
        Message message = garbage();
        const std::uint64_t number = std::max<std::uint64_t>(values_.number() & ~0ull >> 8, KernelCallTable::size);
        const Status status = trap_number(number, message);
        tally_.count({{Operation::Kind::kernel_call, KernelCallTable::size}, status}, status == Status::bad_call);
    }

    template <class Call> bool expected(Status status) const {
        if ((mask_ >> kernel_call_number<Call> & 1) == 0) return status == Status::call_denied;
        return may_answer<Call>(status) && status != Status::call_denied && status != Status::primitive_denied &&
               status != Status::bad_call;
    }

    template <class Call> static Status trap(Message& message) {
        if constexpr (std::is_same_v<Call, kernel_calls::SetThreadPointer>) return trap_and_restore(message);
        return trap_number(kernel_call_number<Call>, message);
    }

    // Nothing that runs between the two may use thread-local storage.
    static Status trap_and_restore(Message& message) {
        std::uint64_t own;
        asm volatile("mov %%fs:0, %0" : "=r"(own)); // System V ABI, thread-local storage: its first word is its address
        const Status status = trap_number(kernel_call_number<kernel_calls::SetThreadPointer>, message);
        (void)kernel_call<kernel_calls::SetThreadPointer>({.address = {own}});
        return status;
    }

    static Status trap_number(std::uint64_t number, Message& message) {
        std::uint64_t peer = endpoints::kernel.value();
        return static_cast<Status>(-detail::trap(number << 8, peer, message));
    }

    Message garbage() {
        Message message;
        for (std::uint64_t& word : message.words) word = random_.word();
        return message;
    }

    Random& random_;
    Values& values_;
    const Cast& cast_;
    Tally& tally_;
    Restraints& restraints_;
    std::uint64_t mask_;
};

} // namespace tessera::guest_fuzz
