// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What DS needs of the system: its clients' memory and ear, and RS's list of services. Tests bring their own.

#include "kernel/abi/grant.h"
#include "kernel/abi/result.h"
#include "servers/ds/labels.h"
#include <memory>
#include <span>

namespace tessera::ds {

// Memory that a client granted to DS.
struct ClientMemory {
    Endpoint client;
    protocol::ds::Buffer granted;
};

// Memory of a client that DS sees, until this goes. When the client revokes it or dies, what was in it stays.
class ClientView {
public:
    virtual ~ClientView() = default;
    virtual std::span<const std::byte> bytes() const = 0;
};

class Clients {
public:
    virtual ~Clients() = default;
    // From and to the start of the memory. Errors: not_permitted, bad_address, out_of_memory.
    virtual Completion read(const ClientMemory& memory, std::span<std::byte> target) = 0;
    virtual Completion write(const ClientMemory& memory, std::span<const std::byte> source) = 0;
    // Errors: as for copies, and access_denied: it is not memory that can be mapped.
    virtual Result<std::unique_ptr<ClientView>> map(const ClientMemory& memory) = 0;
    virtual void notify(Endpoint client) = 0;
    // The running services; fills the front of `labels` and answers how many. Errors: RS did not tell.
    virtual Result<std::size_t> running_services(std::span<Label> labels) = 0;
};

} // namespace tessera::ds
