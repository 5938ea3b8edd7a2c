// SPDX-License-Identifier: BSD-3-Clause
// netmgmt: the management server. Wires the network, the sessions and the methods, then serves events.

#include "kernel/abi/calls/time_and_log.h"
#include "netmgmt/guest/ethernet_client.h"
#include "netmgmt/guest/identity.h"
#include "netmgmt/guest/system.h"
#include "netmgmt/methods/dispatcher.h"
#include "netmgmt/methods/method_table.h"
#include "netmgmt/network/network_interface.h"
#include "netmgmt/network/stack.h"
#include "netmgmt/network/tcp_listener.h"
#include "netmgmt/session/sessions.h"
#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"
#include "servers/runtime/server.h"

#include <algorithm>
#include <cstdlib>

using namespace tessera;
using namespace tessera::netmgmt;

namespace {

class GuestClock final : public Clock {
public:
    std::chrono::nanoseconds now() const override { return std::chrono::nanoseconds(tessera::now().value); }
};

/// Frames, timers, connections, requests: until nothing is left to do.
void work(guest::EthernetClient& driver, NetworkInterface& interface, TcpListener& listener, Sessions& sessions) {
    for (bool more = true; more;) {
        more = interface.poll();
        run_stack_timers();
        while (auto stream = listener.take()) sessions.accept(std::move(stream));
        more |= sessions.run_once() == Progress::more;
    }
    driver.maintain();
    interface.maintain();
}

/// Sleeps until a frame, the next timer, or RS asks whether we live.
void wait_for_event(const guest::EthernetClient& driver) {
    constexpr std::chrono::milliseconds longest_sleep{250};
    const auto sleep = static_cast<std::uint64_t>(std::min(time_to_next_stack_timer(), longest_sleep).count());
    const tessera::Nanoseconds timer = tessera::now() + milliseconds(sleep);
    (void)kernel_call<kernel_calls::AlarmSet>({.deadline = std::min(timer, driver.next_deadline())});
    const auto received = receive();
    if (!received.has_value()) return;
    if (received->kind == MessageKind::message) // nobody has business here
        (void)send_nonblocking(received->source, runtime::error_message(Status::bad_call));
    else if (received->source == endpoints::rs)
        (void)notify(endpoints::rs);
}

void announce(guest::GuestMachine& machine, const NetworkInterface& interface, AccessMode mode) {
    machine.now_listening();
    const auto uptime = machine.uptime();
    log_info("listening on port {} at {}, mode {}, {} ticks after the kernel's entry", limits::port,
             interface.address(), mode == AccessMode::open ? "open: every session may do everything" : "locked",
             uptime.has_value() ? uptime->boot_to_listening.value : 0);
}

} // namespace

int main() {
    runtime::GrantTable grants;
    guest::GuestSystem system(grants);
    guest::EthernetClient driver(grants, "e1000");
    GuestClock clock;

    initialise_stack();
    NetworkInterface interface(driver, clock);
    TcpListener listener;

    const Identity identity = guest::identity(system.machine());
    const Deadlines deadlines;
    PeerCounters peers;
    const Dispatcher dispatcher(system.view(), identity, peers, all_methods());
    LineExecutor executor(dispatcher);
    Sessions sessions({.executor = executor, .clock = clock, .deadlines = deadlines, .peers = peers}, identity);

    if (!listener.listen(limits::port)) {
        log_error("port {} cannot be opened", limits::port);
        return EXIT_FAILURE;
    }
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});

    for (bool announced = false;;) {
        work(driver, interface, listener, sessions);
        if (!announced && interface.has_address()) {
            announce(system.machine(), interface, identity.mode);
            announced = true;
        }
        if (const auto stop = sessions.due_stop()) system.machine().stop(*stop);
        wait_for_event(driver);
    }
}
