// SPDX-License-Identifier: BSD-3-Clause
// netmgmt_host [--port PORT] [--locked]: the management server on the host, over a made-up system, so that clients can
// be tried without a guest. Listens on loopback; without a port the system chooses one. Prints "listening on port N".

#include "netmgmt/methods/method_table.h"
#include "netmgmt/session/sessions.h"
#include "tests/unit/netmgmt/host/socket_stream.h"
#include "tests/unit/netmgmt/support/fake_system.h"

#include <arpa/inet.h>
#include <charconv>
#include <optional>
#include <print>
#include <span>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

class HostClock final : public Clock {
public:
    std::chrono::nanoseconds now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

struct Options {
    std::uint16_t port = 0;
    AccessMode mode = AccessMode::open;
};

std::optional<Options> read_options(std::span<char*> arguments) {
    Options options;
    for (std::size_t index = 1; index < arguments.size(); ++index) {
        const std::string_view argument = arguments[index];
        if (argument == "--locked") {
            options.mode = AccessMode::locked;
        } else if (argument == "--port" && index + 1 < arguments.size()) {
            const std::string_view text = arguments[++index];
            auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.port);
            if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return options;
}

/// A listening socket, or -1.
int listen_on(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, generic, size) != 0 || ::listen(listener, 16) != 0) return -1;
    ::getsockname(listener, generic, &size);
    port = ntohs(address.sin_port);
    return listener;
}

/// Serves until a method stops the machine.
MachineStop serve(int listener, Sessions& sessions) {
    while (!sessions.due_stop()) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) sessions.accept(std::make_unique<SocketStream>(socket));
        // A test program: looking a thousand times a second is simpler than waiting on every socket.
        if (sessions.run_once() == Progress::done && socket < 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return *sessions.due_stop();
}

} // namespace

int main(int argument_count, char** arguments) {
    auto options = read_options({arguments, static_cast<std::size_t>(argument_count)});
    if (!options) {
        std::println(stderr, "usage: netmgmt_host [--port PORT] [--locked]");
        return 2;
    }
    const int listener = listen_on(options->port);
    if (listener < 0) {
        std::println(stderr, "netmgmt_host: cannot listen on port {}", options->port);
        return 1;
    }

    FakeSystem system;
    const HostClock clock;
    const Deadlines deadlines;
    PeerCounters peers;
    const Identity identity{"Tessera", "0.1.0", 1, "host", options->mode, {"batch", "fields", "paging"}};
    const Dispatcher dispatcher(system.view(), identity, peers, all_methods());
    LineExecutor executor(dispatcher);
    Sessions sessions({executor, clock, deadlines, peers}, identity);

    std::println("listening on port {}", options->port);
    std::fflush(stdout);
    const auto stop = serve(listener, sessions);
    ::close(listener);
    std::println("{}", stop == MachineStop::power_off ? "shut down" : "rebooted");
    return 0;
}
