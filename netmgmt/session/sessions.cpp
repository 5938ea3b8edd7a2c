// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/sessions.h"

#include "netmgmt/methods/greeting.h"

#include <algorithm>

namespace tessera::netmgmt {

Sessions::Sessions(const SessionServices& services, const Identity& identity)
    : services_(services),
      mode_(identity.mode),
      greeting_(greeting_line(identity)) {
    sessions_.reserve(limits::connections);
}

void Sessions::accept(std::unique_ptr<ByteStream> stream) noexcept {
    auto refuse = [&](std::string_view reason, std::string_view limit) {
        static_cast<void>(stream->write(services_.executor.refuse(ErrorCode::limit_exceeded, reason, limit)));
        ++services_.peers.connections_refused.value;
    };
    const std::size_t most = mode_ == AccessMode::open ? limits::connections : limits::unauthenticated_connections;
    if (sessions_.size() >= most) {
        return refuse("there are too many connections",
                      mode_ == AccessMode::open ? "connections" : "unauthenticated_connections");
    }
    std::unique_ptr<Session> session;
    try {
        session = std::make_unique<Session>(std::move(stream), services_, RoleSet::for_mode(mode_), greeting_);
    } catch (const std::bad_alloc&) {
        return refuse("there is no memory for another connection", "memory");
    }
    sessions_.push_back(std::move(session)); // its capacity was reserved
    ++services_.peers.connections_accepted.value;
    services_.peers.connections_open = static_cast<std::uint32_t>(sessions_.size());
}

Progress Sessions::run_once() {
    for (auto& session : sessions_) session->receive();
    execute_next();
    for (auto& session : sessions_) session->transmit();
    for (auto& session : sessions_) session->enforce_deadlines();
    for (auto& session : sessions_) due_stop_ = due_stop_ ? due_stop_ : session->due_stop();
    remove_finished();
    const bool more = std::ranges::any_of(sessions_, [](const auto& session) { return session->ready(); });
    return more ? Progress::more : Progress::done;
}

void Sessions::execute_next() {
    for (std::size_t step = 0; step < sessions_.size(); ++step) {
        const std::size_t index = (turn_ + step) % sessions_.size();
        if (!sessions_[index]->ready()) continue;
        sessions_[index]->execute_one();
        // That made room for what the peer sent already; no event will tell of it again.
        sessions_[index]->receive();
        turn_ = index + 1;
        return;
    }
}

void Sessions::remove_finished() {
    std::erase_if(sessions_, [](const auto& session) { return session->finished(); });
    services_.peers.connections_open = static_cast<std::uint32_t>(sessions_.size());
}

} // namespace tessera::netmgmt
