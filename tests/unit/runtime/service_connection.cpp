// SPDX-License-Identifier: BSD-3-Clause
// What a client sees when its server dies.

#include "servers/runtime/service_connection.h"
#include "servers/protocols/ds.h"
#include <catch2/catch.hpp>
#include <functional>

using namespace tessera;
using namespace tessera::runtime;
using protocol::ds::Check;
using protocol::ds::DsProtocol;
using protocol::ds::RetrieveLabelName;

namespace {

// Servers of the test, and what was asked.
struct Fake {
    std::vector<Endpoint> incarnations; // what successive lookups tell
    std::size_t lookups = 0;
    std::vector<Endpoint> calls;
    std::function<Status(Endpoint)> behaviour;
};

struct FakeTransport {
    Fake* fake;

    template <class Protocol, class Operation>
    Result<typename Operation::Reply> call(Endpoint server, const typename Operation::Request&) {
        if constexpr (std::is_same_v<Operation, protocol::rs::Lookup>) {
            CHECK(server == endpoints::rs);
            if (fake->lookups == fake->incarnations.size()) return Status::no_such;
            return protocol::rs::Lookup::Reply{.endpoint = fake->incarnations[fake->lookups++]};
        } else {
            fake->calls.push_back(server);
            const Status status = fake->behaviour(server);
            if (status != Status::ok) return status;
            return typename Operation::Reply{};
        }
    }
};

constexpr Endpoint first{5, 1};
constexpr Endpoint second{5, 2};

struct Fixture {
    Fake fake{.incarnations = {first, second}, .behaviour = [](Endpoint) { return Status::ok; }};
    ServiceConnection<DsProtocol, FakeTransport> connection{"ds", protocol::rs::LookupWait::until_running,
                                                            FakeTransport{&fake}};
};

Status dead_first(Endpoint server) { return server == first ? Status::dead_endpoint : Status::ok; }

} // namespace

TEST_CASE_METHOD(Fixture, "connection: one lookup for many calls") {
    CHECK(connection.call<RetrieveLabelName>().has_value());
    CHECK(connection.call<RetrieveLabelName>().has_value());
    CHECK(fake.lookups == 1);
    CHECK(fake.calls == std::vector{first, first});
}

TEST_CASE_METHOD(Fixture, "connection: an idempotent operation is repeated at the successor") {
    fake.behaviour = dead_first;
    CHECK(connection.call<RetrieveLabelName>().has_value());
    CHECK(fake.calls == std::vector{first, second});
}

TEST_CASE_METHOD(Fixture, "connection: an operation that must not happen twice is not repeated; the next call is new") {
    fake.behaviour = dead_first;
    CHECK(connection.call<Check>().error() == Status::dead_endpoint);
    CHECK(fake.calls == std::vector{first});
    CHECK(connection.call<Check>().has_value());
    CHECK(fake.calls == std::vector{first, second});
}

TEST_CASE_METHOD(Fixture, "connection: a request is prepared for the endpoint it goes to") {
    fake.behaviour = dead_first;
    std::vector<Endpoint> prepared;
    const auto reply =
        connection.call_prepared<RetrieveLabelName>([&](Endpoint server) -> Result<RetrieveLabelName::Request> {
            prepared.push_back(server);
            return RetrieveLabelName::Request{};
        });
    CHECK(reply.has_value());
    CHECK(prepared == std::vector{first, second});
}

TEST_CASE_METHOD(Fixture, "connection: a failed preparation sends nothing") {
    const auto reply = connection.call_prepared<RetrieveLabelName>(
        [&](Endpoint) -> Result<RetrieveLabelName::Request> { return Status::no_space; });
    CHECK(reply.error() == Status::no_space);
    CHECK(fake.calls.empty());
}

TEST_CASE_METHOD(Fixture, "connection: other errors and failed lookups come as they are") {
    fake.behaviour = [](Endpoint) { return Status::no_such; };
    CHECK(connection.call<RetrieveLabelName>().error() == Status::no_such);
    CHECK(fake.calls.size() == 1);
    fake.incarnations.clear();
    connection.forget();
    fake.lookups = 0;
    CHECK(connection.call<RetrieveLabelName>().error() == Status::no_such);
    CHECK(fake.calls.size() == 1);
}

TEST_CASE_METHOD(Fixture, "connection: a server that dies of every request does not hold its client for ever") {
    fake.incarnations.assign(100, first);
    fake.behaviour = [](Endpoint) { return Status::dead_endpoint; };
    CHECK(connection.call<RetrieveLabelName>().error() == Status::dead_endpoint);
    CHECK(fake.calls.size() == 4);
}
