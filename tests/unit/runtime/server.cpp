// SPDX-License-Identifier: BSD-3-Clause
// Dispatch by the operation list.

#include "servers/runtime/server.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::runtime;

namespace {

struct Double {
    struct Request {
        std::uint64_t value;
    };
    struct Reply {
        std::uint64_t value;
    };
};
struct Later {
    using Request = protocol::Nothing;
    using Reply = protocol::Nothing;
};
using TestProtocol = protocol::Protocol<protocol::ProtocolId::ds, Double, Later>;

struct Handler {
    Endpoint last_caller;

    Outcome<Double::Reply> handle(Double, const Double::Request& request, Endpoint caller) {
        last_caller = caller;
        if (request.value > 100) return Status::out_of_range;
        return Double::Reply{2 * request.value};
    }
    Outcome<protocol::Nothing> handle(Later, const protocol::Nothing&, Endpoint) { return Deferred{}; }
};

template <class Operation> Received request(const typename Operation::Request& payload) {
    Received received{.source = Endpoint(5, 1), .kind = MessageKind::message, .message = {}};
    received.message.words[0] = TestProtocol::number<Operation>;
    protocol::store_payload(received.message, payload);
    return received;
}

} // namespace

TEST_CASE("dispatch: a request reaches its handler, the answer has the reply behind a zero") {
    Handler handler;
    const auto answer = dispatch<TestProtocol>(handler, request<Double>({21}));
    REQUIRE(answer.has_value());
    CHECK(answer->words[0] == 0);
    CHECK(protocol::load_payload<Double::Reply>(*answer).value == 42);
    CHECK(handler.last_caller == Endpoint(5, 1));
}

TEST_CASE("dispatch: an error is minus its status") {
    Handler handler;
    const auto answer = dispatch<TestProtocol>(handler, request<Double>({101}));
    CHECK(static_cast<std::int64_t>(answer->words[0]) == -static_cast<std::int64_t>(Status::out_of_range));
}

TEST_CASE("dispatch: a deferred request has no answer now") {
    Handler handler;
    CHECK_FALSE(dispatch<TestProtocol>(handler, request<Later>({})).has_value());
}

TEST_CASE("dispatch: operations of nobody, or of other protocols, are bad calls") {
    Handler handler;
    constexpr std::array<std::uint64_t, 4> strange{TestProtocol::number<Later> + 1, 0, ~0ull, 1ull << 16};
    for (const std::uint64_t operation : strange) {
        Received received = request<Double>({1});
        received.message.words[0] = operation;
        const auto answer = dispatch<TestProtocol>(handler, received);
        REQUIRE(answer.has_value());
        CHECK(static_cast<std::int64_t>(answer->words[0]) == -static_cast<std::int64_t>(Status::bad_call));
    }
}
