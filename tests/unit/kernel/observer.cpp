// SPDX-License-Identifier: BSD-3-Clause
// What the kernel records, by its kernel calls; and that recording changes nothing else.

#include "kernel/core/observer.h"
#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/observation.h"
#include "kernel/abi/calls/spaces.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/kernel_call_table.h"
#include "tests/unit/kernel/random_messages.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

namespace {

constexpr TraceClasses everything{(1u << trace_class_names.size()) - 1};

TraceClasses only(TraceClass one) { return TraceClasses{}.with(one); }

struct Observed {
    System system;
    Process& client = system.start("client");
    Process& server = system.start("server");
    Process& watcher = system.start("watcher");

    TraceControl::Reply select(TraceClasses classes) { return *system.call<TraceControl>(watcher, {classes}); }
    // The entries since `sequence`, read as a process reads them.
    std::vector<TraceEntry> read(std::uint64_t sequence = 0) {
        constexpr std::uint64_t capacity = 64;
        const auto reply = *system.call<TraceRead>(watcher, {sequence, data, capacity});
        std::vector<TraceEntry> entries;
        for (std::uint64_t i = 0; i < reply.count; ++i)
            entries.push_back(system.memory(watcher).get<TraceEntry>(data + i * sizeof(TraceEntry)));
        return entries;
    }
    std::vector<TraceEntry> read(TraceKind kind) {
        auto entries = read();
        std::erase_if(entries, [&](const TraceEntry& entry) { return entry.kind != kind; });
        return entries;
    }
};

} // namespace

TEST_CASE("nothing is recorded before a start and after a stop") {
    Observed o;
    o.system.receive(o.server);
    o.system.send(o.client, o.server.endpoint, 1);
    CHECK(o.read().empty());
    o.select(everything);
    o.system.receive(o.server);
    o.system.send(o.client, o.server.endpoint, 2);
    const auto stopped = o.select({});
    o.system.receive(o.server);
    o.system.send(o.client, o.server.endpoint, 3);
    REQUIRE_FALSE(o.read().empty()); // what was recorded stays
    CHECK(o.read().back().sequence < stopped.next_sequence);
    CHECK(o.read(stopped.next_sequence).empty());
}

TEST_CASE("unknown classes are refused and change nothing") {
    Observed o;
    o.select(only(TraceClass::messages));
    CHECK(o.system.call<TraceControl>(o.watcher, {{1ull << trace_class_names.size()}}).status() == Status::invalid);
    CHECK(o.system.call<TraceControl>(o.watcher, {{~0ull}}).status() == Status::invalid);
    o.system.receive(o.server);
    o.system.send(o.client, o.server.endpoint, 1);
    CHECK(o.read().size() == 1);
}

TEST_CASE("a message is recorded when it is delivered, with its first words") {
    Observed o;
    o.select(only(TraceClass::messages));
    o.system.enter(o.client, Primitive::send, o.server.endpoint, System::words(5, 6));
    CHECK(o.read().empty());
    o.system.machine.counter = {700};
    o.system.receive(o.server);
    REQUIRE(o.read().size() == 1);
    const TraceEntry entry = o.read()[0];
    CHECK(entry.kind == TraceKind::message);
    CHECK(entry.detail == static_cast<std::uint8_t>(MessageKind::message));
    CHECK(entry.time == Ticks{700});
    CHECK(entry.from == o.client.endpoint);
    CHECK(entry.to == o.server.endpoint);
    CHECK(entry.first == 5);
    CHECK(entry.second == 6);
}

TEST_CASE("notifications are recorded from whomever they come, delivered at once or later") {
    Observed o;
    o.select(only(TraceClass::notifications));
    o.system.receive(o.server);
    o.system.notify(o.client, o.server.endpoint);
    o.system.notify(o.client, o.server.endpoint);
    CHECK(o.read().size() == 1);
    o.system.receive(o.server);
    (void)o.system.call<LogWatch>(o.server);
    o.system.kernel->write_log(LogLevel::info, "line");
    o.system.receive(o.server);
    const auto entries = o.read();
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].from == o.client.endpoint);
    CHECK(entries[1].from == o.client.endpoint);
    CHECK(entries[2].from == endpoints::kernel);
    CHECK(entries[2].first == 1ull << static_cast<unsigned>(KernelEvent::log_grew));
    for (const TraceEntry& entry : entries) CHECK(entry.to == o.server.endpoint);
}

TEST_CASE("a kernel call is recorded with number, first word and status, and not while it waits for VM") {
    Observed o;
    o.select(only(TraceClass::kernel_calls));
    (void)o.system.call<LogRead>(o.client, {77, data});
    (void)o.system.call<LogRead>(o.client, {1, missing});
    auto entries = o.read(TraceKind::kernel_call);
    REQUIRE_FALSE(entries.empty());
    CHECK(entries[0].from == o.client.endpoint);
    CHECK(entries[0].number == kernel_call_number<LogRead>);
    CHECK(entries[0].status == Status::no_entry);
    CHECK(entries[0].first == 77);

    o.system.kernel->write_log(LogLevel::info, "line");
    const std::uint64_t next = o.system.kernel->observer.trace().next_sequence();
    REQUIRE(o.system.call<LogRead>(o.client, {1, missing}).status() == Status::suspended);
    CHECK(o.read(next).empty());
    o.system.memory(o.client).map(missing, page_bytes);
    o.system.receive(o.system.vm());
    REQUIRE(o.system.call<FaultResolve>(o.system.vm(), {o.client.endpoint, Status::ok}).has_value());
    while (o.client.needs(Attention::restart_call)) {
        Process& running = o.system.kernel->next();
        if (&running != &o.client) o.system.receive(running); // until it is the client's turn
    }
    const Trace::Reading newest = o.system.kernel->observer.trace().newest(1); // the watcher may wait by now
    REQUIRE(newest.count() == 1);
    CHECK(newest.head[0].sequence > next);
    CHECK(newest.head[0].number == kernel_call_number<LogRead>);
    CHECK(newest.head[0].status == Status::ok);
    CHECK(newest.head[0].first == 1);
}

TEST_CASE("a denied call is refused as ever while calls are observed") {
    Observed o;
    Process& none = o.system.start("none", {.kernel_call_mask = 0});
    Process& mute = o.system.start("mute", {.primitive_mask = 0});
    o.select(everything);
    Process& late = o.system.start("late", {.kernel_call_mask = 0}); // a slot that is taken while observing
    CHECK(o.system.call<Null>(none).status() == Status::call_denied);
    CHECK(o.system.call<Null>(mute).status() == Status::primitive_denied);
    CHECK(o.system.call<Null>(late).status() == Status::call_denied);
    CHECK(o.system.kernel->counters.refused_calls == 3);
    CHECK(o.system.call<Null>(o.client).status() == Status::ok);
    o.select({});
    CHECK(o.system.call<Null>(none).status() == Status::call_denied);
    CHECK(o.system.call<Null>(o.client).status() == Status::ok);
}

TEST_CASE("faults, switches and interrupts are recorded") {
    Observed o;
    o.select(only(TraceClass::page_faults).with(TraceClass::process_switches).with(TraceClass::interrupts));
    o.system.page_fault(o.client, 0x1234, FaultAccess::write);
    Process& next = o.system.kernel->next();
    o.system.kernel->interrupt({9});
    o.system.kernel->clock_interrupt();
    const auto entries = o.read();
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].kind == TraceKind::page_fault);
    CHECK(entries[0].from == o.client.endpoint);
    CHECK(entries[0].first == 0x1234);
    CHECK(entries[0].second == program_entry.value);
    CHECK(entries[0].detail == static_cast<std::uint8_t>(FaultAccess::write));
    CHECK(entries[1].kind == TraceKind::process_switch);
    CHECK(entries[1].from == endpoints::none);
    CHECK(entries[1].to == next.endpoint);
    CHECK(entries[2].kind == TraceKind::interrupt);
    CHECK(entries[2].from == endpoints::hardware);
    CHECK(entries[2].number == 9);
    CHECK(entries[2].to == endpoints::none);
    CHECK(entries[3].from == endpoints::clock);
}

TEST_CASE("trace_read needs memory of the caller, asks VM for what is missing, and takes a capacity of none") {
    Observed o;
    o.select(only(TraceClass::messages));
    o.system.receive(o.server);
    o.system.send(o.client, o.server.endpoint, 1);
    const auto none = *o.system.call<TraceRead>(o.watcher, {0, data, 0});
    CHECK(none.count == 0);
    CHECK(none.first == 1);
    CHECK(none.next == 2);
    CHECK(o.system.call<TraceRead>(o.watcher, {0, {~0ull}, 10}).status() == Status::bad_address);
    CHECK(o.system.call<TraceRead>(o.watcher, {0, missing, 10}).status() == Status::suspended);
}

TEST_CASE("times of calls: runs, least, most and the bucket of each") {
    CHECK(KernelCallTimes::bucket_of({0}) == 0);
    CHECK(KernelCallTimes::bucket_of({1}) == 0);
    CHECK(KernelCallTimes::bucket_of({2}) == 1);
    CHECK(KernelCallTimes::bucket_of({1023}) == 9);
    CHECK(KernelCallTimes::bucket_of({1024}) == 10);
    CHECK(KernelCallTimes::bucket_of({~0ull}) == 31);

    Observed o;
    auto observer = std::make_unique<Observer>();
    observer->select(only(TraceClass::call_times));
    for (const std::uint64_t ticks : {50u, 3u, 40u}) observer->kernel_call(o.client, 7, 0, {ticks});
    const KernelCallTimes& times = observer->call_times(7);
    CHECK(times.runs == 3);
    CHECK(times.least == Ticks{3});
    CHECK(times.most == Ticks{50});
    CHECK(times.buckets[1] == 1);
    CHECK(times.buckets[5] == 2);
    CHECK(observer->trace().next_sequence() == 1); // no entries
    observer->select(only(TraceClass::messages));
    CHECK(observer->call_times(7).runs == 3); // kept, until times are asked for anew
    observer->select(only(TraceClass::call_times));
    CHECK(observer->call_times(7).runs == 0);
}

TEST_CASE("call_times_read and errors by call") {
    Observed o;
    o.select(only(TraceClass::call_times));
    (void)o.system.call<LogRead>(o.client, {1000, data});
    o.select({});
    (void)o.system.call<LogRead>(o.client, {1000, data}); // not timed, but counted
    REQUIRE(o.system.call<CallTimesRead>(o.watcher, {kernel_call_number<LogRead>, data}).has_value());
    CHECK(o.system.memory(o.watcher).get<KernelCallTimes>(data).runs == 1);
    CHECK(o.system.kernel->counters.failed_calls[kernel_call_number<LogRead>] == 2);
    CHECK(o.system.kernel->counters.failed_calls[kernel_call_number<CallTimesRead>] == 0);
    CHECK(o.system.call<CallTimesRead>(o.watcher, {KernelCallTable::size, data}).status() == Status::no_entry);
    CHECK(o.system.call<CallTimesRead>(o.watcher, {~0ull, data}).status() == Status::no_entry);
}

TEST_CASE("who sends to whom is counted by pair") {
    Observed o;
    o.select(only(TraceClass::message_counts));
    for (int i = 0; i < 3; ++i) {
        o.system.receive(o.server);
        o.system.send(o.client, o.server.endpoint);
    }
    o.system.notify(o.watcher, o.server.endpoint);
    o.system.receive(o.server);
    const auto read = [&](std::uint64_t index) {
        const auto reply = o.system.call<MessageCountsRead>(o.watcher, {index, data});
        CHECK((!reply.has_value() || reply->uncounted == 0));
        return reply.status() == Status::ok ? o.system.memory(o.watcher).get<MessageCount>(data) : MessageCount{};
    };
    CHECK(read(0) == MessageCount{o.client.endpoint, o.server.endpoint, 3, 0});
    CHECK(read(1) == MessageCount{o.watcher.endpoint, o.server.endpoint, 0, 1});
    CHECK(o.system.call<MessageCountsRead>(o.watcher, {2, data}).status() == Status::no_entry);
    CHECK(o.read().empty()); // counted, without entries
}

TEST_CASE("pairs for which the table has no room are told as a sum") {
    MessageCounts counts;
    for (std::uint32_t slot = 0; slot < message_pairs + 5; ++slot) counts.count_message({slot, 1}, endpoints::rs);
    counts.count_notification({0, 1}, endpoints::rs);
    CHECK(counts.uncounted() == 5);
    CHECK((*counts.read(0))->notifications == 1);
    CHECK(counts.read(message_pairs).status() == Status::no_entry);
    counts.clear();
    CHECK(counts.uncounted() == 0);
    CHECK(counts.read(0).status() == Status::no_entry);
}

TEST_CASE("kernel and reference model agree over random operations while all of it is recorded") {
    RandomMessages random{3};
    random.observe(everything);
    REQUIRE_NOTHROW(random.run(20'000));
    CHECK(random.counters().messages > 200);
}
