// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What was answered how often.

#include "kernel/abi/kernel_calls.h"
#include "kernel/abi/primitives.h"
#include <map>

namespace tessera::guest_fuzz {

// A kernel call by its number, or a primitive.
struct Operation {
    enum class Kind : std::uint8_t { kernel_call, primitive } kind;
    std::uint64_t number;
    auto operator<=>(const Operation&) const = default;

    std::string_view name() const {
        if (kind == Kind::primitive) return declaration_of(static_cast<Primitive>(number)).name;
        std::string_view found = "(no such call)";
        KernelCallTable::for_each([&]<class Call>() {
            if (kernel_call_number<Call> == number) found = Call::name;
        });
        return found;
    }
};

struct Answer {
    Operation operation;
    Status status;
    auto operator<=>(const Answer&) const = default;
};

class Tally {
public:
    // `expected`: whether the answer is a declared one.
    void count(Answer answer, bool expected) {
        ++answers_[answer];
        ++calls_;
        if (!expected) ++unexpected_[answer];
    }
    std::uint64_t calls() const { return calls_; }
    const std::map<Answer, std::uint64_t>& answers() const { return answers_; }
    const std::map<Answer, std::uint64_t>& unexpected() const { return unexpected_; }

private:
    std::uint64_t calls_ = 0;
    std::map<Answer, std::uint64_t> answers_;
    std::map<Answer, std::uint64_t> unexpected_;
};

} // namespace tessera::guest_fuzz
