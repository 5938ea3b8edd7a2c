// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What a peer has not taken yet: a ring of fixed size.

#include "netmgmt/session/byte_stream.h"

#include <memory>

namespace tessera::netmgmt {

class OutputQueue {
public:
    explicit OutputQueue(std::size_t capacity)
        : storage_(std::make_unique_for_overwrite<char[]>(capacity)),
          capacity_(capacity) {}

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t room() const { return capacity_ - size_; }

    /// All of `text`, or nothing when it has no room.
    bool append(std::string_view text);

    /// Writes as much as the stream takes; gives how much that was.
    std::size_t drain(ByteStream& stream);

private:
    std::unique_ptr<char[]> storage_;
    std::size_t capacity_;
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
};

} // namespace tessera::netmgmt
