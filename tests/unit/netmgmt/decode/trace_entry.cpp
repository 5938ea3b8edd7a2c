// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/trace_entry.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/kernel_call_table.h"

#include "servers/protocols/ds.h"
#include "servers/protocols/vm.h"

#include <catch2/catch.hpp>

using namespace tessera;
using netmgmt::decoded;
using netmgmt::operation_name;

namespace {

constexpr Endpoint client{6, 1}, store{2, 1};

std::string name_of(Endpoint endpoint) {
    if (endpoint == client) return "netmgmt";
    if (endpoint == store) return "ds";
    return endpoint == endpoints::hardware ? "hardware" : "clock";
}

netmgmt::TraceEntry decode(TraceEntry raw) {
    raw.time = {5'000};
    return decoded(raw, {.at_entry = {1'000}, .ticks_per_second = 2'000'000'000}, name_of);
}

} // namespace

TEST_CASE("ticks become time since the kernel's entry, without overflow") {
    const netmgmt::TimeScale scale{.at_entry = {1'000}, .ticks_per_second = 3'000'000'000};
    CHECK(scale.since_boot({1'000}).value == 0);
    CHECK(scale.since_boot({4'000}).value == 1'000);
    constexpr std::uint64_t year = 3'000'000'000ull * 86'400 * 365;
    CHECK(scale.since_boot({year + 1'000}).value == 86'400ull * 365 * 1'000'000'000);
}

TEST_CASE("operations are named by the protocol of the receiving server alone") {
    using namespace protocol::ds;
    const std::uint64_t word = DsProtocol::number<PublishU32>;
    CHECK(operation_name("ds", word) == "ds.publish_u32");
    CHECK(operation_name("vm", word).empty());
    CHECK(operation_name("stranger", word).empty());
    CHECK(operation_name("ds", DsProtocol::List::size | static_cast<std::uint64_t>(DsProtocol::id) << 16).empty());
    CHECK(operation_name("vm", protocol::vm::VmProtocol::number<protocol::vm::Map>) == "vm.map");
}

TEST_CASE("a request, its answer, and a word that is neither") {
    const std::uint64_t word = protocol::ds::DsProtocol::number<protocol::ds::PublishU32>;
    const auto request = decode({.kind = TraceKind::message, .from = client, .to = store, .first = word, .second = 9});
    CHECK(request.what == "ds.publish_u32");
    CHECK(request.from->value == client.value());
    CHECK(request.to_name == "ds");
    CHECK(request.nanoseconds.value == 2'000);
    CHECK(request.second.value == 9);
    CHECK_FALSE(request.status);

    const auto done = decode({.kind = TraceKind::message, .from = store, .to = client, .first = 0});
    CHECK(done.what == "answer");
    CHECK(done.status == "OK");
    const auto refused = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Status::exists));
    CHECK(decode({.kind = TraceKind::message, .from = store, .to = client, .first = refused}).status == "EEXIST");
    const auto other = decode({.kind = TraceKind::message, .from = store, .to = client, .first = 77});
    CHECK(other.what == "message");
    CHECK_FALSE(other.status);
}

TEST_CASE("messages that only the kernel makes") {
    const auto fault = decode({.kind = TraceKind::message,
                               .detail = static_cast<std::uint8_t>(MessageKind::fault),
                               .from = client,
                               .to = store,
                               .first = protocol::ds::DsProtocol::number<protocol::ds::PublishU32>});
    CHECK(fault.what == "fault");
    CHECK(decode({.kind = TraceKind::message, .detail = 200}).what == "200");
}

TEST_CASE("kernel calls, faults, switches and interrupts") {
    const auto call = decode({.kind = TraceKind::kernel_call,
                              .number = kernel_call_number<kernel_calls::SafecopyFrom>,
                              .status = Status::not_permitted,
                              .from = client,
                              .first = 4,
                              .second = 130});
    CHECK(call.what == "safecopy_from");
    CHECK(call.status == "EPERM");
    CHECK(call.duration->value == 130);
    CHECK(call.second.value == 0);
    CHECK_FALSE(call.to);
    CHECK(call.to_name.empty());
    CHECK(netmgmt::kernel_call_name(999).empty());

    const auto fault = decode({.kind = TraceKind::page_fault, .detail = 1, .from = client, .first = 0x1000});
    CHECK(fault.what == "write");
    CHECK(fault.first.value == 0x1000);
    CHECK(decode({.kind = TraceKind::process_switch, .to = client}).what == "switch");
    const auto line = decode({.kind = TraceKind::interrupt, .number = 11, .from = endpoints::hardware});
    CHECK(line.what == "line 11");
    CHECK(line.from_name == "hardware");
    CHECK(decode({.kind = TraceKind::interrupt, .from = endpoints::clock}).what == "tick");
}

TEST_CASE("times of a call: none, one, and the median of several") {
    CHECK_FALSE(netmgmt::with_times({}).least);
    CHECK(netmgmt::with_times({}).buckets.empty());
    KernelCallTimes times{.runs = 4, .least = {9}, .most = {70}};
    times.buckets[3] = 2;
    times.buckets[5] = 1;
    times.buckets[6] = 1;
    const auto entry = netmgmt::with_times(times);
    CHECK(entry.timed.value == 4);
    CHECK(entry.median_below->value == 64); // two of four are below 16: not more than half
    REQUIRE(entry.buckets.size() == 3);
    CHECK(entry.buckets[1].from.value == 32);
    KernelCallTimes one{.runs = 1, .least = {70}, .most = {70}};
    one.buckets[6] = 1;
    CHECK(netmgmt::with_times(one).median_below->value == 71); // never beyond the longest
}
