// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A text that grows up to a fixed capacity. All its memory is taken when it is made.

#include <cstddef>
#include <memory>
#include <string_view>

namespace tessera::netmgmt {

class BoundedText {
public:
    explicit BoundedText(std::size_t capacity)
        : storage_(std::make_unique_for_overwrite<char[]>(capacity)),
          capacity_(capacity) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::string_view view() const { return {storage_.get(), size_}; }

    /// What can still be appended without touching what is reserved.
    [[nodiscard]] std::size_t room() const {
        const std::size_t taken = size_ + reserved_;
        return taken < capacity_ ? capacity_ - taken : 0;
    }

    /// Keeps the last `bytes` of the capacity for what must be said later.
    void reserve(std::size_t bytes) { reserved_ = bytes; }

    /// All of `text`, or nothing when there is no room for it.
    [[nodiscard]] bool append(std::string_view text) {
        if (text.size() > room()) return false;
        text.copy(storage_.get() + size_, text.size());
        size_ += text.size();
        return true;
    }

    /// Forgets what was appended since the text had this size.
    void truncate(std::size_t size) { size_ = size; }

    void clear() {
        size_ = 0;
        reserved_ = 0;
    }

private:
    std::unique_ptr<char[]> storage_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    std::size_t reserved_ = 0;
};

} // namespace tessera::netmgmt
