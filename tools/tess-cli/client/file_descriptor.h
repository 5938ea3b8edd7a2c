// SPDX-License-Identifier: BSD-3-Clause
// Owner of one file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace tessera::tess {

class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_{number} {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~FileDescriptor() {
        if (number_ >= 0) ::close(number_);
    }

    /// -1 when nothing is owned.
    [[nodiscard]] int number() const { return number_; }

private:
    int number_ = -1;
};

} // namespace tessera::tess
