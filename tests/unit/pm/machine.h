// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// PM's service over a fake system, and its operations as a client sees them.

#include "servers/pm/service.h"
#include "tests/unit/pm/fake_system.h"
#include <catch2/catch.hpp>
#include <memory>

namespace tessera::pm::test {

struct Machine {
    // The reply, its error, or nothing when it is deferred.
    template <class Operation>
    std::optional<Result<typename Operation::Reply>> call(Endpoint caller,
                                                          const typename Operation::Request& request = {}) {
        Message message;
        message.words[0] = protocol::pm::PmProtocol::number<Operation>;
        protocol::store_payload(message, request);
        const auto answer = runtime::dispatch<protocol::pm::PmProtocol>(
            *service, {.source = caller, .kind = MessageKind::message, .message = message});
        if (!answer) return std::nullopt;
        const auto status = static_cast<std::int64_t>(answer->words[0]);
        if (status != 0) return static_cast<Status>(-status);
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }
    protocol::pm::Spawn::Reply spawn(Endpoint parent) {
        const auto reply = call<protocol::pm::Spawn>(parent, {.program = Name("program")});
        REQUIRE(reply.has_value());
        REQUIRE(reply->has_value());
        return **reply;
    }
    // The endpoint of the child.
    Endpoint fork(Endpoint parent) {
        const auto reply = call<protocol::pm::Fork>(parent);
        REQUIRE(reply.has_value());
        REQUIRE(reply->has_value());
        return protocol::pm::endpoint_of({(*reply)->process_id});
    }
    void die(Endpoint process, DeathCause cause = DeathCause::exited, std::uint64_t detail = 0) {
        system.die(process, cause, detail);
        service->notified(endpoints::kernel, {.pending = 1});
    }
    std::size_t known() const {
        std::size_t count = 0;
        table.for_each([&](const Process&) { ++count; });
        return count;
    }
    Service::Recovered restart() {
        service = std::make_unique<Service>(table, watches, system);
        return service->recover();
    }

    std::unique_ptr<ProcessTable::Memory> memory = std::make_unique<ProcessTable::Memory>();
    ProcessTable table{*memory};
    FakeSystem system;
    std::unique_ptr<Watches::Memory> watch_memory = std::make_unique<Watches::Memory>();
    Watches watches{*watch_memory, system};
    std::unique_ptr<Service> service = std::make_unique<Service>(table, watches, system);
};

} // namespace tessera::pm::test
