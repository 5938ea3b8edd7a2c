// SPDX-License-Identifier: BSD-3-Clause
// What the single methods do with what the system says.

#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/kernel_call_table.h"
#include "tests/unit/netmgmt/support/test_server.h"

#include <catch2/catch.hpp>
#include <format>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

struct Fixture {
    TestServer server;
    Peer& peer = server.greeted_peer();

    std::string refusal(std::string_view method, std::string_view parameters) {
        const auto reply = peer.call(method, parameters);
        CHECK(at(reply, "error.code") == "-31000");
        return at(reply, "error.data");
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "system.info and system.uptime") {
    CHECK(peer.call("system.info") ==
          R"({"jsonrpc":"2.0","id":1,"result":{"product":"Tessera","version":"0.1.0","build":"test","protocol":1,)"
          R"("machine":{"processor":"host","features":["nx","smep"]},"memory":{"total_bytes":67108864},)"
          R"("boot":{"command_line":"mode=open","firmware":"uefi","mode":"open"}}})");
    CHECK(peer.call("system.uptime") ==
          R"({"jsonrpc":"2.0","id":1,"result":{"nanoseconds":"5000000000",)"
          R"("timestamp_counter":"18446744073709551615","boot_to_listening":"310000000"}})");
}

TEST_CASE_METHOD(Fixture, "process.get shows privileges, and refuses a stale endpoint") {
    const auto reply = peer.call("process.get", R"({"endpoint":4101})");
    CHECK(at(reply, "result.name") == R"("e1000")");
    CHECK(at(reply, "result.privileges.io_ports") == R"([{"first":96,"last":100}])");
    CHECK(at(reply, "result.privileges.memory") == R"([{"address":"0xfebc0000","bytes":"131072"}])");
    CHECK(at(reply, "result.instruction_pointer") == R"("0x401a20")");
    CHECK(refusal("process.get", R"({"endpoint":8197})") == R"({"errno":"ESRCH","where":"kernel"})");
}

TEST_CASE_METHOD(Fixture, "vm.regions of one process") {
    CHECK(at(peer.call("vm.regions", R"({"endpoint":4096,"limit":1})"), "result.items.0") ==
          R"({"bytes":"4096","execute":true,"kind":"code","offset":"0","read":true,"resident_pages":1,)"
          R"("shared_memory":null,"shared_pages":0,"start":"0x400000","write":false})");
    CHECK(refusal("vm.regions", R"({"endpoint":1})") == R"({"errno":"ESRCH","where":"vm"})");
    CHECK(refusal("vm.process", R"({"endpoint":1})") == R"({"errno":"ESRCH","where":"vm"})");
}

TEST_CASE_METHOD(Fixture, "vm.shares and vm.share_runs name processes, and shared memory by its identity") {
    CHECK(at(peer.call("vm.shares", R"({"limit":1})"), "result.items.0") ==
          R"({"pages":1,"processes":[{"endpoint":4096,"name":"vm"},{"endpoint":4097,"name":"child"}],)"
          R"("reason":"fork","shared_memory":null})");
    const auto reply = peer.call("vm.share_runs", R"({"limit":2,"fields":["reason","start","shared_memory"]})");
    CHECK(at(reply, "result.items.0") == R"({"reason":"image","shared_memory":null,"start":"0x400000"})");
    CHECK(at(reply, "result.items.1") == R"({"reason":"shared_memory","shared_memory":"1","start":null})");
}

TEST_CASE_METHOD(Fixture, "vm.free tells the totals on every page") {
    const auto first = peer.call("vm.free", R"({"limit":3})");
    CHECK(at(first, "result.items.2") == R"({"base":"0x120000","pages":3})");
    CHECK(at(first, "result.free_pages") == "24");
    CHECK(at(first, "result.largest_block_pages") == "3");
    CHECK(at(first, "result.ranges") == "8");
    CHECK(at(peer.call("vm.free", R"({"cursor":"7"})"), "result.ranges") == "8");
}

TEST_CASE_METHOD(Fixture, "ds entries are published, shown, overwritten and deleted") {
    CHECK(at(peer.call("ds.publish", R"({"key":"a.b","type":"u32","value":4294967295})"), "result") == "{}");
    CHECK(at(peer.call("ds.get", R"({"key":"a.b"})"), "result") ==
          R"({"key":"a.b","owner":"netmgmt","snapshots":null,"type":"u32","value":4294967295})");
    CHECK(refusal("ds.publish", R"({"key":"a.b","type":"string","value":"x"})") ==
          R"({"errno":"EEXIST","where":"ds"})");
    CHECK(at(peer.call("ds.publish", R"({"key":"a.b","type":"string","value":"x","overwrite":true})"), "result") ==
          "{}");
    CHECK(at(peer.call("ds.get", R"({"key":"a.b","type":"string"})"), "result.value") == R"("x")");
    CHECK(refusal("ds.get", R"({"key":"a.b","type":"label"})") == R"({"errno":"ESRCH","where":"ds"})");
    CHECK(at(peer.call("ds.list", R"({"prefix":"a."})"), "result.items.0.key") == R"("a.b")");
    CHECK(at(peer.call("ds.list", R"({"prefix":"a."})"), "result.items.1").empty());
    CHECK(at(peer.call("ds.delete", R"({"key":"a.b"})"), "result") == "{}");
    CHECK(refusal("ds.delete", R"({"key":"a.b"})") == R"({"errno":"ESRCH","where":"ds"})");
    CHECK(refusal("ds.delete", R"({"key":"vm"})") == R"({"errno":"EPERM","where":"ds"})");
}

TEST_CASE_METHOD(Fixture, "ds.publish checks the value against the type before anything is done") {
    auto member = [&](std::string_view parameters) {
        const auto reply = peer.call("ds.publish", parameters);
        CHECK(at(reply, "error.code") == "-32602");
        return at(reply, "error.data.member");
    };
    CHECK(member(R"({"key":"k","type":"u32","value":"1"})") == R"("value")");
    CHECK(member(R"({"key":"k","type":"string","value":1})") == R"("value")");
    CHECK(member(R"({"key":"k","type":"u32","value":4294967296})") == R"("value")");
    CHECK(member(R"({"key":"k","type":"u32","value":-1})") == R"("value")");
    CHECK(member(R"({"key":"k","type":"label","value":1})") == R"("type")");
    CHECK(member(R"({"key":"","type":"u32","value":1})") == R"("key")");
    CHECK(member(R"({"key":"a\u0000","type":"u32","value":1})") == R"("key")");
    CHECK(at(peer.call("ds.get", R"({"key":"k"})"), "error.code") == "-31000");
}

TEST_CASE_METHOD(Fixture, "ds memory is published and read by its bytes") {
    CHECK(at(peer.call("ds.publish", R"({"key":"a","type":"memory","value":"00fFa5"})"), "result") == "{}");
    CHECK(at(peer.call("ds.get", R"({"key":"a"})"), "result.value") == "3");
    CHECK(at(peer.call("ds.read", R"({"key":"a"})"), "result") == R"({"bytes":3,"contents":"00ffa5"})");
    CHECK(at(peer.call("ds.read", R"({"key":"a","offset":1,"limit":1})"), "result.contents") == R"("ff")");
    CHECK(at(peer.call("ds.read", R"({"key":"a","offset":4000000000})"), "result.contents") == R"("")");
    CHECK(refusal("ds.read", R"({"key":"none"})") == R"({"errno":"ESRCH","where":"ds"})");
    for (const char* wrong : {"0", "0g", "0x12", " 1", "+1"}) {
        const auto reply = peer.call("ds.publish", std::format(R"({{"key":"b","type":"memory","value":"{}"}})", wrong));
        CHECK(at(reply, "error.data.member") == R"("value")");
    }
    CHECK(at(peer.call("ds.read", R"({"key":"a","type":"u32"})"), "error.data.member") == R"("type")");
    CHECK(at(peer.call("ds.read", R"({"key":"a","limit":1025})"), "error.data.member") == R"("limit")");
    CHECK(at(peer.call("ds.read", R"({"key":"a","limit":0})"), "error.data.member") == R"("limit")");
}

TEST_CASE_METHOD(Fixture, "ds.snapshot keeps a map as it is") {
    CHECK(at(peer.call("ds.get", R"({"key":"demo.map"})"), "result") ==
          R"({"key":"demo.map","owner":"pm","snapshots":0,"type":"map","value":4096})");
    CHECK(at(peer.call("ds.snapshot", R"({"key":"demo.map"})"), "result") == R"({"snapshot":0})");
    CHECK(at(peer.call("ds.snapshot", R"({"key":"demo.map"})"), "result") == R"({"snapshot":1})");
    CHECK(at(peer.call("ds.get", R"({"key":"demo.map"})"), "result.snapshots") == "2");
    CHECK(at(peer.call("ds.read", R"({"key":"demo.map","snapshot":1,"offset":4094})"), "result") ==
          R"({"bytes":4096,"contents":"a5a5"})");
    CHECK(refusal("ds.read", R"({"key":"demo.map","snapshot":2})") == R"({"errno":"ENOENT","where":"ds"})");
    CHECK(refusal("ds.snapshot", R"({"key":"net.address"})") == R"({"errno":"ESRCH","where":"ds"})");
}

TEST_CASE_METHOD(Fixture, "service.restart, seen in service.list") {
    CHECK(at(peer.call("service.list"), "result.items.2.last_reason") == "null");
    CHECK(at(peer.call("service.restart", R"({"label":"ds"})"), "result") == R"({"label":"ds","old_endpoint":4098})");
    const auto reply = peer.call("service.list", R"({"fields":["label","endpoint","restarts","last_reason"]})");
    CHECK(at(reply, "result.items.2") == R"({"endpoint":8194,"label":"ds","last_reason":"killed","restarts":1})");
    CHECK(refusal("service.restart", R"({"label":"none"})") == R"({"errno":"ESRCH","where":"rs"})");
}

TEST_CASE_METHOD(Fixture, "kernel.counters keeps 64 bits") {
    const auto reply = peer.call("kernel.counters");
    CHECK(at(reply, "result.messages") == R"("9007199254740993")");
    CHECK(at(reply, "result.calls") == R"({"safecopy":"7","set_alarm":"8"})");
}

TEST_CASE_METHOD(Fixture, "kernel.calls shows counts, errors and times of every call of the table") {
    const auto reply = peer.call("kernel.calls");
    CHECK(at(reply, "result.items.0") ==
          R"({"buckets":[{"from":"32","runs":"2"},{"from":"256","runs":"1"}],"count":"0","errors":"0","least":"60",)"
          R"("median_below":"64","most":"300","name":"null","number":0,"timed":"3"})");
    constexpr auto number = tessera::kernel_call_number<tessera::kernel_calls::LogRead>;
    const std::string item = std::format("result.items.{}.", number);
    CHECK(at(reply, item + "name") == R"("log_read")");
    CHECK(at(reply, item + "errors") == std::format(R"("{}")", number));
    CHECK(at(reply, item + "median_below") == "null");
    CHECK(at(reply, "result.items.6.buckets") == "[]");
}

TEST_CASE_METHOD(Fixture, "kernel.messages shows pairs, and what had no room") {
    const auto reply = peer.call("kernel.messages", R"({"limit":2})");
    CHECK(at(reply, "result.items.1") ==
          R"({"from":4102,"from_name":"netmgmt","messages":"2","notifications":"2","to":4097,"to_name":"rs"})");
    CHECK(at(reply, "result.next") == R"("2")");
    CHECK(at(reply, "result.uncounted") == R"("5")");
}

TEST_CASE_METHOD(Fixture, "trace.start takes classes by name, every kind of entry without, and refuses others") {
    CHECK(at(peer.call("trace.start", R"({"classes":["messages","call_times"]})"), "result") ==
          R"({"next_sequence":"1"})");
    CHECK(server.system.recorded == std::vector{TraceClass::messages, TraceClass::call_times});
    peer.call("trace.start");
    CHECK(server.system.recorded.size() == tessera::trace_kind_count);
    CHECK(at(peer.call("trace.start", R"({"classes":["colours"]})"), "error.code") == "-32602");
    CHECK(at(peer.call("trace.start", R"({"classes":[]})"), "error.data.member") == R"("classes")");
    CHECK(server.system.recorded.size() == tessera::trace_kind_count);
    CHECK(at(peer.call("trace.stop"), "result") == R"({"next_sequence":"1"})");
    CHECK(server.system.recorded.empty());
}

TEST_CASE_METHOD(Fixture, "trace.read decodes entries, and tells what was overwritten") {
    server.system.first_trace_entry = 100;
    auto reply = peer.call("trace.read", R"({"since":"90","limit":2})");
    CHECK(at(reply, "result.items.0") ==
          R"({"duration":"80","first":"0x0","from":4098,"from_name":"ds","kind":"kernel_call","nanoseconds":"100000",)"
          R"("second":"0x0","sequence":"100","status":"OK","ticks":"1100","to":null,"to_name":"",)"
          R"("what":"own_endpoint"})");
    CHECK(at(reply, "result.dropped") == R"("10")");
    reply = peer.call("trace.read", R"({"since":"90","limit":2,"cursor":)" + at(reply, "result.next") + "}");
    CHECK(at(reply, "result.items.0.sequence") == R"("102")");
    CHECK(at(reply, "result.dropped") == R"("0")");
}

TEST_CASE_METHOD(Fixture, "kernel.irqs shows a line with and without an owner") {
    const auto reply = peer.call("kernel.irqs", R"({"limit":2})");
    CHECK(at(reply, "result.items.0.owner") == "null");
    CHECK(at(reply, "result.items.0.owner_name") == R"("")");
    CHECK(at(reply, "result.items.1.line") == "1");
    CHECK(at(reply, "result.items.1.owner") != "null");
    CHECK(at(reply, "result.items.1.state") == R"("closed")");
    CHECK(at(reply, "result.items.1.raised") == R"("1")");
}

TEST_CASE_METHOD(Fixture, "log.read from a sequence on, and what was dropped") {
    server.system.first_log_entry = 100;
    auto reply = peer.call("log.read", R"({"since":"90","limit":2})");
    CHECK(at(reply, "result.items.0.sequence") == R"("100")");
    CHECK(at(reply, "result.items.1.sequence") == R"("101")");
    CHECK(at(reply, "result.dropped") == R"("10")");
    reply = peer.call("log.read", R"({"since":"90","limit":2,"cursor":)" + at(reply, "result.next") + "}");
    CHECK(at(reply, "result.items.0.sequence") == R"("102")");
    CHECK(at(reply, "result.dropped") == R"("0")");
    reply = peer.call("log.read", R"({"since":"108"})");
    CHECK(at(reply, "result") == R"({"dropped":"0","items":[],"next":null})");
}

TEST_CASE_METHOD(Fixture, "faults are armed, shown and disarmed") {
    CHECK(at(peer.call("fault.models"), "result.models.3.name") == R"("hang")");
    CHECK(peer.call("fault.arm", R"({"target":"ds","model":"crash_null_jump"})") ==
          R"({"jsonrpc":"2.0","id":1,"result":{"fault":0,"target":"ds","model":"crash_null_jump","armed":true}})");
    CHECK(at(peer.call("fault.list"), "result.items.0") ==
          R"({"endpoint":null,"fault":0,"fired_at":null,"model":"crash_null_jump","state":"armed","target":"ds"})");
    CHECK(at(peer.call("fault.disarm", R"({"fault":0})"), "result") == R"({"fault":0,"state":"disarmed"})");
    CHECK(refusal("fault.disarm", R"({"fault":1})") == R"({"errno":"ESRCH","where":"rs"})");
    CHECK(refusal("fault.arm", R"({"target":"none","model":"kill"})") == R"({"errno":"ESRCH","where":"rs"})");
}

TEST_CASE_METHOD(Fixture, "fault.arm checks its trigger") {
    auto arm = [&](std::string_view trigger) {
        return peer.call("fault.arm", R"({"target":"ds","model":"kill","trigger":)" + std::string(trigger) + "}");
    };
    CHECK(at(arm(R"({"kind":"time","milliseconds":60000})"), "result.armed") == "true");
    CHECK(at(arm(R"({"kind":"time","milliseconds":60001})"), "error.data.member") == R"("trigger.milliseconds")");
    CHECK(at(arm(R"({"kind":"time"})"), "result.armed") == "true");
    CHECK(at(arm(R"({"milliseconds":1})"), "error.data.member") == R"("trigger.kind")");
    CHECK(at(arm(R"({"kind":"never"})"), "error.data.member") == R"("trigger.kind")");
}
