// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Random arguments seldom fit together, and most calls would end at their first check. So some calls get arguments that
// do fit, as far as one can tell beforehand.

#include "kernel/abi/calls/devices.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/time_and_log.h"
#include "tests/guest-fuzz/values.h"

namespace tessera::guest_fuzz {

// For all other requests.
template <class Request> void make_fit(Request&, Random&, const Cast&) {}

inline void make_fit(kernel_calls::LogWrite::Request& request, Random& random, const Cast&) {
    request.bytes = random.below(log_text_limit + 1);
    request.level = LogLevel::debug;
}

inline void make_fit(kernel_calls::ProcessRead::Request& request, Random& random, const Cast&) {
    request.slot = random.below(process_limit);
}

inline void make_fit(kernel_calls::InterruptEnable::Request& request, Random&, const Cast&) { request.line = {5}; }

inline void make_fit(kernel_calls::PortRead::Request& request, Random&, const Cast&) {
    request = {.port = {0x80}, .width = kernel_calls::IoWidth::byte};
}

inline void make_fit(kernel_calls::PortWrite::Request& request, Random&, const Cast&) {
    request.port = {0x80};
    request.width = kernel_calls::IoWidth::byte;
}

inline void make_fit(kernel_calls::GrantRead::Request& request, Random& random, const Cast& cast) {
    request.endpoint = cast.self;
    request.index = static_cast<std::uint32_t>(random.below(20));
}

// Of safecopy_to as well.
inline void make_fit(kernel_calls::SafecopyFrom::Request& request, Random& random, const Cast& cast) {
    request.grantor = cast.self;
    request.offset = random.below(page_bytes);
    request.bytes = random.below(page_bytes);
    request.address = Terrain::base + random.below(Terrain::bytes);
}

inline void make_fit(kernel_calls::Safememset::Request& request, Random& random, const Cast& cast) {
    request.grantor = cast.self;
    request.offset = random.below(page_bytes);
    request.bytes = random.below(page_bytes);
}

inline void make_fit(kernel_calls::GrantResolve::Request& request, Random& random, const Cast& cast) {
    request.grantor = request.grantee = cast.self;
    request.rights = static_cast<GrantRights>(random.below(8));
    request.offset = random.below(page_bytes);
    request.bytes = random.below(page_bytes);
    request.address = Terrain::base + random.below(Terrain::bytes);
}

inline void make_fit(kernel_calls::Vsafecopy::Request& request, Random& random, const Cast& cast) {
    static std::array<kernel_calls::GrantCopy, 8> copies;
    for (kernel_calls::GrantCopy& copy : copies) {
        kernel_calls::SafecopyFrom::Request one;
        make_fit(one, random, cast);
        copy = {.grantor = one.grantor,
                .grant = GrantId(static_cast<std::uint32_t>(random.below(20)), 1),
                .offset = one.offset,
                .address = one.address,
                .bytes = one.bytes,
                .direction = static_cast<CopyDirection>(random.below(2))};
        if (random.one_in(32)) copy.state = static_cast<kernel_calls::CopyState>(random.below(3));
    }
    request = {.address = {reinterpret_cast<std::uint64_t>(copies.data())}, .count = random.below(copies.size() + 1)};
}

} // namespace tessera::guest_fuzz
