// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The messages of send_asynchronous on their way. The kernel keeps them, not tables in the memory of senders: a receive
// then never has to read a stranger's memory, which may be missing (docs/decisions/0021-asynchronous-messages.md).

#include "kernel/abi/endpoint.h"
#include "kernel/abi/message.h"
#include "kernel/abi/result.h"
#include "kernel/core/limits.h"
#include <array>

namespace tessera::kernel {

struct AsynchronousMessage {
    AsynchronousMessage* next = nullptr;
    Endpoint from;
    Endpoint to;
    Message words;
};

// Oldest first.
class AsynchronousQueue {
public:
    bool empty() const { return first_ == nullptr; }
    void push(AsynchronousMessage& message);
    // Takes out the oldest one of a sender, or of any (endpoints::any); nullptr when there is none.
    AsynchronousMessage* take(Endpoint from);
    AsynchronousMessage* take() { return take(endpoints::any); }
    bool has(Endpoint from) const;

private:
    AsynchronousMessage* first_ = nullptr;
    AsynchronousMessage* last_ = nullptr;
};

// The fixed store of them: enough for every service, whatever the others do.
class AsynchronousStore {
public:
    AsynchronousStore() {
        for (AsynchronousMessage& message : messages_) release(message);
    }
    AsynchronousStore(const AsynchronousStore&) = delete;

    AsynchronousMessage* allocate() { return free_.take(); } // nullptr: all in use
    void release(AsynchronousMessage& message) {
        message.from = endpoints::none;
        free_.push(message);
    }

private:
    std::array<AsynchronousMessage, asynchronous_messages> messages_{};
    AsynchronousQueue free_;
};

} // namespace tessera::kernel
