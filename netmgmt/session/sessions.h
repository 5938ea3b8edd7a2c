// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// All connections: who gets in, whose turn it is, who is closed.

#include "netmgmt/session/session.h"

#include <vector>

namespace tessera::netmgmt {

enum class Progress : std::uint8_t {
    done, ///< nothing to do before something comes
    more, ///< lines are waiting that can be executed
};

class Sessions {
public:
    Sessions(const SessionServices& services, const Identity& identity);

    /// A new connection; when there are too many, it is told so and closed.
    void accept(std::unique_ptr<ByteStream> stream) noexcept;

    /// One round: reads, answers pings, executes at most one line of one connection, writes, closes. To be called when
    /// something came or room to write came, as long as there is more to do, and at least every second for the
    /// deadlines.
    Progress run_once();

    /// What a method asked for and is due now.
    [[nodiscard]] std::optional<MachineStop> due_stop() const { return due_stop_; }

private:
    [[nodiscard]] std::string_view refusal() const;
    void execute_next();
    void remove_finished();

    SessionServices services_;
    AccessMode mode_;
    std::string greeting_;
    std::vector<std::unique_ptr<Session>> sessions_;
    std::size_t turn_ = 0; ///< whose line is executed next
    std::optional<MachineStop> due_stop_;
};

} // namespace tessera::netmgmt
