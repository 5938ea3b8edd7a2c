// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/session.h"

namespace tessera::netmgmt {

Session::Session(std::unique_ptr<ByteStream>&& stream, const SessionServices& services, RoleSet roles,
                 std::string_view greeting)
    : services_(services),
      caller_{roles},
      output_(limits::output_buffer_bytes),
      stream_(std::move(stream)),
      connected_at_(services.clock.now()),
      active_at_(connected_at_) {
    queue(greeting);
}

void Session::receive() {
    if (closed_) return;
    // A ping that was served makes room for the next line.
    do note_input(reader_.fill(*stream_));
    while (serve_ping());
}

bool Session::serve_ping() {
    for (std::size_t line = 0; line < reader_.waiting(); ++line) {
        if (output_.room() < limits::ping_reply_bytes) return false;
        if (reader_.kind(line) != LineKind::complete || !reader_.first_look(line)) continue;
        auto reply = services_.executor.execute_ping(reader_.text(line), caller_);
        if (!reply) continue;
        queue(*reply);
        reader_.remove(line);
        return true;
    }
    return false;
}

bool Session::ready() const { return !closed_ && reader_.waiting() > 0 && output_.room() >= limits::reply_bytes; }

void Session::execute_one() {
    queue(answer(0));
    reader_.remove(0);
    if (caller_.stop_after_reply && !stop_asked_at_) stop_asked_at_ = now();
}

std::string_view Session::answer(std::size_t line) {
    switch (reader_.kind(line)) {
    case LineKind::complete:
        break;
    case LineKind::over_long:
        return services_.executor.refuse(ErrorCode::limit_exceeded, "the line is too long and was skipped",
                                         "line_bytes");
    case LineKind::unfinished:
        return services_.executor.refuse(ErrorCode::parse, "the last line has no line feed and was not executed", "");
    }
    return services_.executor.execute(reader_.text(line), caller_);
}

void Session::transmit() { note_output(output_.drain(*stream_)); }

void Session::queue(std::string_view reply) {
    if (!reply.empty() && output_.empty()) output_rate_.start(now());
    output_.append(reply);
}

void Session::note_input(std::size_t bytes) {
    if (bytes > 0 || reader_.completed() > lines_) {
        services_.peers.lines.value += reader_.completed() - lines_;
        services_.peers.lines_over_long.value += reader_.over_long() - lines_over_long_;
    }
    const bool completed = reader_.completed() > lines_;
    lines_ = reader_.completed();
    lines_over_long_ = reader_.over_long();
    if (completed) active_at_ = now();
    if (!reader_.mid_line()) {
        input_rate_.stop();
    } else if (completed || !input_rate_.running()) {
        input_rate_.start(now());
    } else {
        input_rate_.add(bytes);
    }
}

void Session::note_output(std::size_t bytes) {
    if (bytes > 0) active_at_ = now();
    output_rate_.add(bytes);
    if (output_.empty()) output_rate_.stop();
}

void Session::enforce_deadlines() {
    const Deadlines& deadlines = services_.deadlines;
    const auto time = now();
    if (closed_) return;
    if (output_rate_.violated(time, deadlines))
        return close("connection closed: replies were read too slowly", "floor_rate");
    if (input_rate_.violated(time, deadlines)) return close("connection closed: a line came too slowly", "floor_rate");
    if (reader_.waiting() > 0 || !output_.empty()) return;
    if (lines_ == 0 && time - connected_at_ > deadlines.first_line)
        return close("connection closed: no line came", "first_line");
    if (time - active_at_ > deadlines.idle) return close("connection closed: nothing came for a long time", "idle");
}

void Session::close(std::string_view reason, std::string_view limit) {
    queue(services_.executor.refuse(ErrorCode::limit_exceeded, reason, limit));
    transmit();
    ++services_.peers.connections_timed_out.value;
    closed_ = true;
}

bool Session::finished() const {
    if (closed_ || stream_->state() == StreamState::broken) return true;
    return stream_->state() == StreamState::peer_finished && reader_.empty() && output_.empty();
}

std::optional<MachineStop> Session::due_stop() const {
    if (!stop_asked_at_) return std::nullopt;
    const bool delivered = (output_.empty() && stream_->delivered()) || finished();
    const bool late = now() - *stop_asked_at_ > services_.deadlines.stop;
    return delivered || late ? caller_.stop_after_reply : std::nullopt;
}

} // namespace tessera::netmgmt
