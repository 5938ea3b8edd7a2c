// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/client_rings.h"
#include <algorithm>

namespace tessera::e1000 {

namespace {

// Most frames are short: so much is copied at once, and the rest of a long one when its length is known.
constexpr std::size_t first_copy_bytes = length_field_bytes + 128;

} // namespace

Completion FramesToClient::attach() {
    produced_ = TESSERA_TRY(clients_.read_index(client_, ring_offset::produced(ring_offset::receive)));
    consumed_ = TESSERA_TRY(clients_.read_index(client_, ring_offset::consumed(ring_offset::receive)));
    if (produced_ - consumed_ > ring_slots) produced_ = consumed_;
    return publish();
}

Completion FramesToClient::put(std::span<const std::byte> frame) {
    if (produced_ - consumed_ >= ring_slots) {
        const auto consumed = TESSERA_TRY(clients_.read_index(client_, ring_offset::consumed(ring_offset::receive)));
        // An index that was never produced is not believed: then the ring stays full.
        if (produced_ - consumed >= ring_slots) return Status::no_space;
        consumed_ = consumed;
    }
    TESSERA_TRY(clients_.write(client_, ring_offset::frame(ring_offset::receive, produced_), frame));
    ++produced_;
    return Done{};
}

Completion FramesToClient::publish() {
    TESSERA_TRY(clients_.write_index(client_, ring_offset::produced(ring_offset::receive), produced_));
    published_ = produced_;
    return Done{};
}

Completion FramesFromClient::attach() {
    consumed_ = TESSERA_TRY(clients_.read_index(client_, ring_offset::consumed(ring_offset::transmit)));
    const std::uint32_t produced = TESSERA_TRY(this->produced());
    if (produced - consumed_ > ring_slots) consumed_ = produced;
    TESSERA_TRY(clients_.write_index(client_, ring_offset::consumed(ring_offset::transmit), consumed_));
    published_ = consumed_;
    return Done{};
}

Result<std::uint32_t> FramesFromClient::produced() {
    return clients_.read_index(client_, ring_offset::produced(ring_offset::transmit));
}

Result<std::uint32_t> FramesFromClient::waiting() {
    const std::uint32_t produced = TESSERA_TRY(this->produced());
    if (produced - consumed_ <= ring_slots) return produced - consumed_;
    consumed_ = produced;
    return Status::damaged;
}

Result<std::uint32_t> FramesFromClient::take(Frame& target) {
    const std::size_t place = ring_offset::frame(ring_offset::transmit, consumed_);
    const auto bytes = std::as_writable_bytes(std::span(&target, 1));
    TESSERA_TRY(clients_.read(client_, place, bytes.first(first_copy_bytes)));
    const std::uint32_t length = target.bytes; // our copy: the client cannot change it any more
    if (valid_length(length) && length_field_bytes + length > first_copy_bytes) {
        const auto rest = bytes.first(length_field_bytes + length).subspan(first_copy_bytes);
        TESSERA_TRY(clients_.read(client_, place + first_copy_bytes, rest));
    }
    ++consumed_;
    return valid_length(length) ? length : 0;
}

// A client that fills the ring before it sees the new index waits for it; one that fills it later has seen it.
Result<Producer> FramesFromClient::publish() {
    TESSERA_TRY(clients_.write_index(client_, ring_offset::consumed(ring_offset::transmit), consumed_));
    const std::uint32_t produced = TESSERA_TRY(this->produced());
    const bool was_full = produced - published_ >= ring_slots;
    published_ = consumed_;
    return was_full ? Producer::may_wait : Producer::goes_on;
}

} // namespace tessera::e1000
