// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/calls/handlers.h"
#include <algorithm>

namespace tessera::kernel::calls {

using namespace kernel_calls;

Handled<MessageNextLost> handle(MessageNextLost, Kernel& kernel, Process& caller, const MessageNextLost::Request&) {
    const AsynchronousMessage lost = TESSERA_TRY(kernel.messages.next_lost(caller));
    MessageNextLost::Reply reply{.receiver = lost.to, .kept = caller.asynchronous_count, .words = {}};
    std::copy_n(lost.words.words.begin(), reply.words.size(), reply.words.begin());
    return reply;
}

} // namespace tessera::kernel::calls
