// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The driver's client as the kernel lets us reach it. Tests bring their own.

#include "kernel/abi/grant.h"
#include "kernel/abi/result.h"
#include <cstddef>
#include <span>

namespace tessera::e1000 {

// A client and its grant of an EthernetRings. Nothing in them is trusted, and they can go at any time.
struct Attachment {
    Endpoint client;
    GrantId rings;
    constexpr bool operator==(const Attachment&) const = default;
};

class Clients {
public:
    virtual ~Clients() = default;
    // In the rings. not_permitted: the grant is not good for them; dead_endpoint. No bytes: whether the grant is good.
    virtual Completion read(Attachment attachment, std::size_t offset, std::span<std::byte> target) = 0;
    virtual Completion write(Attachment attachment, std::size_t offset, std::span<const std::byte> source) = 0;
    // An index, as one word: the client may change or read it at the same time. What it tells of is seen after it was
    // read, and is there before it is written.
    virtual Result<std::uint32_t> read_index(Attachment attachment, std::size_t offset) = 0;
    virtual Completion write_index(Attachment attachment, std::size_t offset, std::uint32_t index) = 0;
    // dead_endpoint.
    virtual Completion notify(Endpoint client) = 0;
};

} // namespace tessera::e1000
