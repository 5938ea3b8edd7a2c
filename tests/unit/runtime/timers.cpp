// SPDX-License-Identifier: BSD-3-Clause
#include "servers/runtime/timers.h"
#include <catch2/catch.hpp>

using namespace tessera;
using tessera::runtime::TimerQueue;

TEST_CASE("timers: come due in the order of their deadlines, never early") {
    TimerQueue<int> timers;
    CHECK_FALSE(timers.next().has_value());
    timers.set(1, {300});
    timers.set(2, {100});
    timers.set(3, {200});
    CHECK(timers.next() == Nanoseconds{100});
    CHECK_FALSE(timers.take_due({99}).has_value());
    CHECK(timers.take_due({250}) == 2);
    CHECK(timers.take_due({250}) == 3);
    CHECK_FALSE(timers.take_due({250}).has_value());
    CHECK(timers.next() == Nanoseconds{300});
}

TEST_CASE("timers: setting again moves, cancelling removes") {
    TimerQueue<int> timers;
    timers.set(1, {100});
    timers.set(1, {500});
    CHECK(timers.next() == Nanoseconds{500});
    timers.cancel(1);
    timers.cancel(2);
    CHECK_FALSE(timers.next().has_value());
}
