// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/interrupts.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <format>

namespace tessera::tess {

namespace {

/// Write end of the pipe. A signal handler gets no argument, so this one number cannot live in an object.
volatile std::sig_atomic_t signal_pipe = -1;

void note_signal(int) {
    const int saved = errno;
    const char byte = 0;
    // The pipe holds a byte already when this fails, and one byte is all that is needed.
    [[maybe_unused]] const auto written = ::write(signal_pipe, &byte, 1);
    errno = saved;
}

/// Rounded up, so that a wait never ends before its deadline; poll(2) takes an int.
int poll_milliseconds(Instant deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 60'000));
}

} // namespace

Interrupts Interrupts::of_this_process() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return Interrupts{};
    signal_pipe = ends[1];
    struct sigaction action{};
    action.sa_handler = note_signal;
    // The first signal asks the program to leave; after it the default action is back.
    action.sa_flags = SA_RESETHAND;
    ::sigaction(SIGINT, &action, nullptr);
    return Interrupts{FileDescriptor{ends[0]}};
}

Result<Readiness> Interrupts::wait(int descriptor, short events, Instant deadline) const {
    for (;;) {
        // poll(2) skips entries whose descriptor is negative.
        std::array<pollfd, 2> entries{{{signals_.number(), POLLIN, 0}, {descriptor, events, 0}}};
        const int count = ::poll(entries.data(), entries.size(), poll_milliseconds(deadline));
        if (count < 0 && errno != EINTR) return refused(std::format("poll: {}", std::strerror(errno)));
        if (count > 0 && entries[0].revents != 0) {
            // One signal ends one wait: what has to be cleaned up after it may wait again.
            char byte = 0;
            [[maybe_unused]] const auto taken = ::read(signals_.number(), &byte, 1);
            return interrupted();
        }
        if (count > 0 && entries[1].revents != 0) return Readiness::ready;
        if (std::chrono::steady_clock::now() >= deadline) return Readiness::deadline;
    }
}

} // namespace tessera::tess
