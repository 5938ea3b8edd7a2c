// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/output_queue.h"

#include <algorithm>

namespace tessera::netmgmt {

bool OutputQueue::append(std::string_view text) {
    if (text.size() > room()) return false;
    const std::size_t end = (begin_ + size_) % capacity_;
    const std::size_t until_wrap = std::min(text.size(), capacity_ - end);
    text.copy(storage_.get() + end, until_wrap);
    text.substr(until_wrap).copy(storage_.get(), text.size() - until_wrap);
    size_ += text.size();
    return true;
}

std::size_t OutputQueue::drain(ByteStream& stream) {
    std::size_t total = 0;
    while (size_ > 0) {
        const std::size_t piece = std::min(size_, capacity_ - begin_);
        const std::size_t written = stream.write({storage_.get() + begin_, piece});
        begin_ = (begin_ + written) % capacity_;
        size_ -= written;
        total += written;
        if (written < piece) break;
    }
    if (size_ == 0) begin_ = 0; // short replies touch no more memory than the longest of them
    return total;
}

} // namespace tessera::netmgmt
