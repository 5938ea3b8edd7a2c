// SPDX-License-Identifier: BSD-3-Clause
// The partner of the benchmark: sends every message back at once, and is the driver of the second serial port.

#include "kernel/abi/calls/devices.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/grants.h"
#include "tests/bench/echo_protocol.h"
#include "tests/target/uart_interrupts.h"
#include <array>
#include <x86intrin.h>

using namespace tessera;

namespace {

// Rare requests; anything else is left as it came.
void answer_request(Message& message, std::uint64_t woken, GrantId grant) {
    if (message.words[0] == bench::request_wake_time)
        message.words[0] = woken;
    else if (message.words[0] == bench::request_grant)
        message.words[0] = grant.value();
}

// As a driver does: the device no longer asserts its line when that is enabled again.
void serve(const target::UartInterrupts& uart) {
    (void)uart.take_back();
    (void)kernel_call<kernel_calls::InterruptEnable>({target::UartInterrupts::line});
}

} // namespace

int main() {
    alignas(page_bytes) static std::array<std::byte, bench::shared_bytes> shared;
    shared.fill(std::byte{1});
    runtime::GrantTable grants;
    const auto grant = grants.direct(endpoints::any, GrantRights::read | GrantRights::write | GrantRights::map, shared);
    if (!grant.has_value()) return 1;
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});

    const target::UartInterrupts uart;
    (void)kernel_call<kernel_calls::InterruptEnable>({target::UartInterrupts::line});

    std::uint64_t woken = 0;
    Result<Received> received = receive();
    for (;;) {
        if (!received.has_value() || received->kind == MessageKind::notification) {
            woken = __rdtsc();
            if (received.has_value() && received->source == endpoints::rs) (void)notify(endpoints::rs);
            if (received.has_value() && received->source == endpoints::hardware) serve(uart);
            received = receive();
            continue;
        }
        if (received->message.words[0] >= bench::request_grant) answer_request(received->message, woken, grant->id());
        received = reply_receive(received->source, received->message);
    }
}
