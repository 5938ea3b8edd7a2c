// SPDX-License-Identifier: BSD-3-Clause
#include "servers/drivers/e1000/client.h"

namespace tessera::e1000 {

using namespace protocol::ethernet;

namespace {

constexpr std::size_t produced_member = offsetof(Ring, produced), consumed_member = offsetof(Ring, consumed);

} // namespace

std::size_t ClientRing::frame_offset(std::uint32_t index) const {
    return offset_ + offsetof(Ring, frames) + index % ring_slots * sizeof(Frame);
}

Result<std::uint32_t> ClientRing::load(std::size_t member) {
    std::uint32_t value = 0;
    TESSERA_TRY(memory_.read(offset_ + member, std::as_writable_bytes(std::span(&value, 1))));
    return value;
}

Completion ClientRing::store(std::size_t member, std::uint32_t value) {
    return memory_.write(offset_ + member, std::as_bytes(std::span(&value, 1)));
}

Completion ClientRing::attach() {
    produced_ = TESSERA_TRY(load(produced_member));
    consumed_ = TESSERA_TRY(load(consumed_member));
    return Done{};
}

Result<bool> ClientRing::occupied() {
    produced_ = TESSERA_TRY(load(produced_member));
    return produced_ != consumed_;
}

Result<std::size_t> ClientRing::take(std::span<std::byte> to) {
    // More than the ring holds is a client that counts wrong: its frames are taken one round long at most.
    if (produced_ - consumed_ > ring_slots) consumed_ = produced_ - ring_slots;
    const std::size_t place = frame_offset(consumed_);
    std::uint32_t length = 0;
    TESSERA_TRY(memory_.read(place + offsetof(Frame, bytes), std::as_writable_bytes(std::span(&length, 1))));
    const bool acceptable = length != 0 && length <= frame_limit && length <= to.size();
    if (acceptable) TESSERA_TRY(memory_.read(place + offsetof(Frame, data), to.first(length)));
    TESSERA_TRY(store(consumed_member, ++consumed_));
    return acceptable ? length : 0;
}

Completion ClientRing::put(std::span<const std::byte> frame) {
    consumed_ = TESSERA_TRY(load(consumed_member));
    if (produced_ - consumed_ >= ring_slots || frame.size() > frame_limit) return Status::no_space;
    const std::size_t place = frame_offset(produced_);
    const auto length = static_cast<std::uint32_t>(frame.size());
    TESSERA_TRY(memory_.write(place + offsetof(Frame, bytes), std::as_bytes(std::span(&length, 1))));
    TESSERA_TRY(memory_.write(place + offsetof(Frame, data), frame));
    return store(produced_member, ++produced_);
}

} // namespace tessera::e1000
