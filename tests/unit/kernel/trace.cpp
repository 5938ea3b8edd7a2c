// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/core/trace.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;

namespace {

struct Ring {
    host::Machine machine;
    std::unique_ptr<Trace> trace = std::make_unique<Trace>();

    void append(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            machine.counter.value += 10;
            trace->append({.kind = TraceKind::notification, .first = trace->next_sequence() * 7});
        }
    }
    // Whether a reading is `count` entries from `first` on, each as it was written.
    static bool holds(const Trace::Reading& reading, std::uint64_t first, std::uint64_t count) {
        if (reading.first != first || reading.count() != count) return false;
        std::uint64_t sequence = first;
        for (const auto& piece : {reading.head, reading.tail})
            for (const TraceEntry& entry : piece) {
                if (entry.sequence != sequence || entry.first != sequence * 7) return false;
                ++sequence;
            }
        return true;
    }
};

} // namespace

TEST_CASE("an empty trace has nothing and has lost nothing") {
    Ring ring;
    CHECK(Ring::holds(ring.trace->read(0, 100), 1, 0));
    CHECK(ring.trace->read(0, 100).lost == 0);
    CHECK(ring.trace->newest(8).count() == 0);
}

TEST_CASE("entries carry sequence and time, and are read from any sequence on") {
    Ring ring;
    ring.append(5);
    CHECK(Ring::holds(ring.trace->read(0, 100), 1, 5));
    CHECK(Ring::holds(ring.trace->read(3, 100), 3, 3));
    CHECK(Ring::holds(ring.trace->read(3, 2), 3, 2));
    CHECK(ring.trace->read(2, 1).head[0].time == Ticks{20});
    CHECK(ring.trace->read(3, 100).lost == 0);
}

TEST_CASE("a sequence that is still to come gives nothing, and the sequence of the next entry") {
    Ring ring;
    ring.append(5);
    CHECK(Ring::holds(ring.trace->read(6, 100), 6, 0));
    CHECK(Ring::holds(ring.trace->read(1000, 100), 6, 0));
    CHECK(Ring::holds(ring.trace->read(~0ull, ~0ull), 6, 0));
    CHECK(ring.trace->read(~0ull, 1).lost == 0);
}

TEST_CASE("what was overwritten before it was read is told") {
    Ring ring;
    ring.append(trace_entries + 10);
    const auto reading = ring.trace->read(3, 20);
    CHECK(Ring::holds(reading, 11, 20));
    CHECK(reading.lost == 8);
    CHECK(ring.trace->read(0, 1).lost == 10);
    CHECK(ring.trace->read(11, 1).lost == 0);
}

TEST_CASE("a reading goes on where the ring begins anew") {
    Ring ring;
    ring.append(trace_entries + 10);
    const auto reading = ring.trace->read(0, ~0ull);
    CHECK(Ring::holds(reading, 11, trace_entries));
    CHECK(reading.head.size() == trace_entries - 11);
    CHECK(reading.tail.size() == 11);
    CHECK(Ring::holds(ring.trace->newest(20), trace_entries - 9, 20));
}

TEST_CASE("clear drops what is there, and sequences go on") {
    Ring ring;
    ring.append(5);
    ring.trace->clear();
    CHECK(Ring::holds(ring.trace->read(0, 100), 6, 0));
    CHECK(ring.trace->read(0, 100).lost == 0);
    CHECK(ring.trace->read(2, 100).lost == 4);
    ring.append(2);
    CHECK(Ring::holds(ring.trace->read(0, 100), 6, 2));
    CHECK(Ring::holds(ring.trace->newest(100), 6, 2));
}
