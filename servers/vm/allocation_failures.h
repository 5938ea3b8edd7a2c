// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Makes one allocation fail on purpose, whichever it is, so that tests can show what happens then.

#include <cstdint>

namespace tessera::vm {

class AllocationFailures {
public:
    // The `nth` allocation from now on fails, counted from 1; 0: none.
    void fail(std::uint64_t nth) { left_ = nth; }

    // Whether the one that is made now is to fail.
    bool next() { return left_ != 0 && --left_ == 0; }

private:
    std::uint64_t left_ = 0;
};

} // namespace tessera::vm
