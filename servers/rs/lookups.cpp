// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/lookups.h"
#include "servers/runtime/server.h"

namespace tessera::rs {

namespace {

using protocol::rs::Lookup;

Message answer_of(const runtime::Outcome<Lookup::Reply>& outcome) { return outcome.message().value_or(Message{}); }

} // namespace

void Lookups::wait(Endpoint client, const Service& service) {
    std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.client == client; });
    if (waiting_.size() == limit) {
        machine_.answer(waiting_.front().client, answer_of(Status::try_again));
        waiting_.erase(waiting_.begin());
    }
    waiting_.push_back({.client = client, .service = service.id});
}

void Lookups::service_changed(const Service& service) {
    Message message;
    if (service.state == ServiceState::running)
        message = answer_of(Lookup::Reply{.endpoint = service.endpoint});
    else if (service.state == ServiceState::stopped || service.state == ServiceState::failed)
        message = answer_of(Status::no_such);
    else
        return;
    std::erase_if(waiting_, [&](const Waiting& waiting) {
        if (waiting.service != service.id) return false;
        machine_.answer(waiting.client, message);
        return true;
    });
}

} // namespace tessera::rs
