// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What DS needs of the system: its clients' memory and ear, and RS's list of services. Tests bring their own.

#include "kernel/abi/grant.h"
#include "kernel/abi/result.h"
#include "servers/ds/labels.h"
#include <span>

namespace tessera::ds {

class Clients {
public:
    virtual ~Clients() = default;
    // From and to the start of a client's grant. Errors: those of a safecopy.
    virtual Completion read(Endpoint client, GrantId grant, std::span<std::byte> target) = 0;
    virtual Completion write(Endpoint client, GrantId grant, std::span<const std::byte> source) = 0;
    virtual void notify(Endpoint client) = 0;
    // The running services; fills the front of `labels` and answers how many. Errors: RS did not tell.
    virtual Result<std::size_t> running_services(std::span<Label> labels) = 0;
};

} // namespace tessera::ds
