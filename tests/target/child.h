// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// An assistant as a user process: started by PM, which also tells how it ended.

#include "servers/protocols/pm.h"
#include "servers/runtime/service_connection.h"
#include "tests/target/assistant_protocol.h"
#include "tests/target/check.h"

namespace tessera::target {

class Child {
public:
    Child() {
        const auto reply = require_value(pm_.call<protocol::pm::Spawn>({.program = Name("assistant")}));
        process_id_ = reply.process_id;
        endpoint_ = reply.endpoint;
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (waited_for_) return;
        (void)kill();
        (void)pm_.call<protocol::pm::Wait>({.process_id = process_id_});
    }

    Endpoint endpoint() const { return endpoint_; }
    std::uint32_t process_id() const { return process_id_; }

    template <class Operation> Result<typename Operation::Reply> call(const typename Operation::Request& request = {}) {
        return runtime::call<AssistantProtocol, Operation>(endpoint_, request);
    }

    Result<Nothing> kill() { return pm_.call<protocol::pm::Kill>({.process_id = process_id_, .signal = Signal::kill}); }

    protocol::pm::Wait::Reply wait() {
        const auto reply = require_value(pm_.call<protocol::pm::Wait>({.process_id = process_id_}));
        waited_for_ = true;
        return reply;
    }

private:
    runtime::ServiceConnection<protocol::pm::PmProtocol> pm_{"pm"};
    std::uint32_t process_id_ = 0;
    Endpoint endpoint_;
    bool waited_for_ = false;
};

// A copy of a child, which the child made of itself, and whose end it learns.
class Offspring {
public:
    explicit Offspring(Child& parent)
        : parent_(parent),
          process_id_(require_value(parent.call<ForkYourself>()).process_id) {}
    Offspring(const Offspring&) = delete;
    Offspring& operator=(const Offspring&) = delete;
    ~Offspring() {
        (void)pm_.call<protocol::pm::Kill>({.process_id = process_id_, .signal = Signal::kill});
        (void)parent_.call<AwaitChild>({.process_id = process_id_});
    }

    Endpoint endpoint() const { return protocol::pm::endpoint_of({process_id_}); }

    template <class Operation> Result<typename Operation::Reply> call(const typename Operation::Request& request = {}) {
        return runtime::call<AssistantProtocol, Operation>(endpoint(), request);
    }

private:
    runtime::ServiceConnection<protocol::pm::PmProtocol> pm_{"pm"};
    Child& parent_;
    std::uint32_t process_id_ = 0;
};

} // namespace tessera::target
