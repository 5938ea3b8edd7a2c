// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// One connection: its lines, its replies, its deadlines. Requests are executed one at a time in the order in which they
// came, but a `system.ping` overtakes all that wait. A request is executed when its longest possible reply has room, so
// that a peer that does not read holds up nobody but itself.

#include "netmgmt/session/clock.h"
#include "netmgmt/session/floor_rate.h"
#include "netmgmt/session/line_executor.h"
#include "netmgmt/session/line_reader.h"
#include "netmgmt/session/output_queue.h"

namespace tessera::netmgmt {

/// What all sessions share.
struct SessionServices {
    LineExecutor& executor;
    const Clock& clock;
    const Deadlines& deadlines;
    PeerCounters& peers;
};

class Session {
public:
    /// Throws std::bad_alloc, and then leaves `stream` as it is.
    Session(std::unique_ptr<ByteStream>&& stream, const SessionServices& services, RoleSet roles,
            std::string_view greeting);

    /// Reads, and answers the pings among the lines that wait.
    void receive();

    /// Whether a line waits and its reply has room.
    [[nodiscard]] bool ready() const;
    /// Executes the first line. Only when ready.
    void execute_one();

    void transmit();

    /// Tells a peer that was too slow that it is closed.
    void enforce_deadlines();

    /// Whether nothing more will happen on this connection.
    [[nodiscard]] bool finished() const;

    /// What a method asked for, once its reply was delivered or has had its time.
    [[nodiscard]] std::optional<MachineStop> due_stop() const;

private:
    [[nodiscard]] std::chrono::nanoseconds now() const { return services_.clock.now(); }
    [[nodiscard]] std::string_view answer(std::size_t line);
    [[nodiscard]] bool serve_ping();
    void queue(std::string_view reply);
    void note_input(std::size_t bytes);
    void note_output(std::size_t bytes);
    void close(std::string_view reason, std::string_view limit);

    SessionServices services_;
    Caller caller_;
    LineReader reader_;
    OutputQueue output_;
    std::unique_ptr<ByteStream> stream_; ///< taken over after the buffers were allocated
    FloorRate input_rate_;               ///< runs while a line has begun
    FloorRate output_rate_;              ///< runs while replies wait
    std::chrono::nanoseconds connected_at_;
    std::chrono::nanoseconds active_at_; ///< when a line came or a reply went last
    std::optional<std::chrono::nanoseconds> stop_asked_at_;
    std::uint64_t lines_ = 0;
    std::uint64_t lines_over_long_ = 0;
    bool closed_ = false; ///< by us
};

} // namespace tessera::netmgmt
