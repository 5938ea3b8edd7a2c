// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A client's connection to a service by label, which outlives the service's restarts.

#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include <string_view>

namespace tessera::runtime {

// Sends requests to real endpoints; host tests bring a transport of their own.
struct KernelTransport {
    template <class Protocol, class Operation>
    Result<typename Operation::Reply> call(Endpoint server, const typename Operation::Request& request) {
        return runtime::call<Protocol, Operation>(server, request);
    }
};

// The endpoint is looked up at RS when needed. When the service died, it is looked up anew and an idempotent operation
// is repeated; any other answers dead_endpoint, and the caller decides whether to try again.
template <class Protocol, class Transport = KernelTransport> class ServiceConnection {
public:
    // With answer_now a call answers try_again while the service restarts; with until_running it waits.
    constexpr explicit ServiceConnection(std::string_view label,
                                         protocol::rs::LookupWait wait = protocol::rs::LookupWait::until_running,
                                         Transport transport = {})
        : label_(label),
          wait_(wait),
          transport_(transport) {}

    const Name& label() const { return label_; }

    // Errors: those of the operation and of Lookup, and dead_endpoint, call_denied, locked.
    template <class Operation> Result<typename Operation::Reply> call(const typename Operation::Request& request = {}) {
        return call_prepared<Operation>([&](Endpoint) -> Result<typename Operation::Request> { return request; });
    }

    // For requests that depend on the server's endpoint, as those with grants do: `prepare(endpoint)` makes the request
    // anew for each attempt. Keep the Grant outside of `prepare`: it must live until the answer.
    template <class Operation, class Prepare> Result<typename Operation::Reply> call_prepared(Prepare&& prepare) {
        for (int attempt = 1;; ++attempt) {
            const Endpoint server = TESSERA_TRY(endpoint());
            const Result<typename Operation::Request> request = prepare(server);
            if (!request.has_value()) return request.error();
            auto reply = transport_.template call<Protocol, Operation>(server, *request);
            if (reply.status() != Status::dead_endpoint) return reply;
            forget();
            if (Operation::repeat != protocol::Repeat::idempotent || attempt == attempt_limit) return reply;
        }
    }

    // The service's endpoint as known, or as RS tells it.
    Result<Endpoint> endpoint() {
        if (endpoint_ == endpoints::none) {
            const auto found = TESSERA_TRY((transport_.template call<protocol::rs::RsProtocol, protocol::rs::Lookup>(
                endpoints::rs, {.label = label_, .wait = wait_})));
            endpoint_ = found.endpoint;
        }
        return endpoint_;
    }

    void forget() { endpoint_ = endpoints::none; }

private:
    static constexpr int attempt_limit = 4; // a service that dies of every request must not hold its client for ever

    Name label_;
    protocol::rs::LookupWait wait_;
    Transport transport_;
    Endpoint endpoint_;
};

} // namespace tessera::runtime
