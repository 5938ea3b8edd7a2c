// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Random and boundary values for each type that the fields of a kernel call have.

#include "kernel/abi/grant.h"
#include "kernel/abi/process.h"
#include "kernel/abi/signals.h"
#include "kernel/abi/status.h"
#include "kernel/abi/trace.h"
#include "tests/guest-fuzz/cast.h"
#include "tests/guest-fuzz/random.h"
#include "tests/guest-fuzz/terrain.h"

namespace tessera::guest_fuzz {

class Values {
public:
    Values(Random& random, const Cast& cast) : random_(random), cast_(cast) {}

    void choose(std::uint64_t& value) { value = number(); }
    void choose(std::uint32_t& value) { value = static_cast<std::uint32_t>(number()); }
    void choose(VirtualAddress& value) { value = address(); }
    void choose(PhysicalAddress& value) { value = {number()}; }
    void choose(Nanoseconds& value) { value = {number()}; }
    void choose(InterruptLine& value) { value = {static_cast<std::uint32_t>(small_or_any(40))}; }
    void choose(IoPort& value) { value = {static_cast<std::uint16_t>(small_or_any(0x100))}; }
    void choose(TraceClasses& value) { value = {small_or_any(1u << trace_class_names.size())}; }
    void choose(SignalSet& value) { value = {random_.word()}; }
    void choose(Endpoint& value) { value = endpoint(); }
    void choose(GrantId& value);
    void choose(Name& value);
    void choose(Status& value) { value = random_.one_in(2) ? Status::ok : static_cast<Status>(random_.word()); }
    template <class Enum>
        requires std::is_enum_v<Enum>
    void choose(Enum& value) {
        value = static_cast<Enum>(small_or_any(6));
    }

    std::uint64_t number();
    VirtualAddress address();
    Endpoint endpoint();
    Endpoint self() const { return cast_.self; }

private:
    std::uint64_t small_or_any(std::uint64_t limit) { return random_.one_in(4) ? number() : random_.below(limit); }
    Endpoint one_of(const std::vector<Endpoint>& list);

    Random& random_;
    const Cast& cast_;
};

} // namespace tessera::guest_fuzz
