// SPDX-License-Identifier: BSD-3-Clause
// Kernel calls that tell: time, log, processes, counters, the machine.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "kernel/abi/calls/time_and_log.h"
#include "kernel/abi/kernel_call_table.h"
#include "tests/unit/kernel/system.h"

using namespace tessera;
using namespace tessera::kernel;
using namespace tessera::kernel::test;
using namespace tessera::kernel_calls;

TEST_CASE("null answers ok and changes nothing else") {
    System system;
    Process& process = system.start("p");
    CHECK(system.call<Null>(process).status() == Status::ok);
    CHECK(process.context.message.words == Message{}.words); // no words of the kernel leak
    CHECK(process.runnable());
}

TEST_CASE("clock_read tells time, counter and rate") {
    System system;
    Process& process = system.start("p");
    system.machine.counter = {123'456};
    const auto reply = system.call<ClockRead>(process).value();
    CHECK(reply.time == Nanoseconds{123'456});
    CHECK(reply.counter == Ticks{123'456});
    CHECK(reply.ticks_per_second == 1'000'000'000);
    CHECK(reply.at_entry == Ticks{0});
}

TEST_CASE("log_write appends in the name of the caller") {
    System system;
    Process& process = system.start("ds");
    system.memory(process).put_text(data, "one line\nmore");
    system.machine.counter = {9000};
    CHECK(system.call<LogWrite>(process, {data, 13, LogLevel::error}).status() == Status::ok);
    const LogRecord& record = **system.kernel->log.read(1);
    CHECK(std::string_view(record.text.data(), record.length) == "one line?more");
    CHECK(record.source == process.endpoint);
    CHECK(record.level == LogLevel::error);
    CHECK(record.time == Nanoseconds{9000});
    CHECK(system.machine.console == "[   0.000009] ds: one line?more\n");
}

TEST_CASE("log_write takes a line of the limit and none longer, and an empty one") {
    System system;
    Process& process = system.start("p");
    CHECK(system.call<LogWrite>(process, {data, log_text_limit, LogLevel::info}).status() == Status::ok);
    CHECK(system.call<LogWrite>(process, {data, log_text_limit + 1, LogLevel::info}).status() == Status::too_big);
    CHECK(system.call<LogWrite>(process, {data, ~0ull, LogLevel::info}).status() == Status::too_big);
    CHECK(system.call<LogWrite>(process, {data, 1, static_cast<LogLevel>(4)}).status() == Status::invalid);
    CHECK(system.call<LogWrite>(process, {data, 0, LogLevel::info}).status() == Status::ok);
    CHECK((*system.kernel->log.read(2))->length == 0);
    CHECK(system.kernel->log.read(3).status() == Status::no_entry);
}

TEST_CASE("log_read copies the first record from a sequence on") {
    System system;
    Process& process = system.start("p");
    const auto read = [&](std::uint64_t sequence) {
        return system.call<LogRead>(process, {sequence, data + 64}).status();
    };
    CHECK(read(0) == Status::no_entry);
    system.kernel->write_log(LogLevel::info, "first");
    system.kernel->write_log(LogLevel::warning, "second");
    CHECK(read(2) == Status::ok);
    const auto record = system.memory(process).get<LogRecord>(data + 64);
    CHECK(record.sequence == 2);
    CHECK(record.source == endpoints::kernel);
    CHECK(std::string_view(record.text.data(), record.length) == "second");
    CHECK(read(3) == Status::no_entry);
}

TEST_CASE("the watcher of the log is notified of growth, and another may take over") {
    System system;
    Process& first = system.start("first");
    Process& second = system.start("second");
    const std::uint64_t grew = 1ull << static_cast<unsigned>(KernelEvent::log_grew);
    REQUIRE(system.call<LogWatch>(first).has_value());
    system.receive(first);
    system.kernel->write_log(LogLevel::info, "line");
    REQUIRE(first.runnable());
    CHECK(System::received(first).source == endpoints::kernel);
    CHECK(unpack<NotificationMessage>(System::received(first).message).pending == grew);
    REQUIRE(system.call<LogWatch>(second).has_value());
    system.kernel->write_log(LogLevel::info, "line");
    CHECK(first.pending_events == 0);
    CHECK(second.pending_events == grew);
    CHECK(system.machine.console.empty());
}

TEST_CASE("process_read walks the used slots and tells what each process does") {
    System system;
    Process& sender = system.start("sender");
    Process& receiver = system.start("receiver");
    Process& dead = system.start("dead");
    Process& caller = system.start("caller");
    system.receive(receiver, endpoints::clock);
    system.send_receive(sender, receiver.endpoint);
    system.die(dead);
    sender.messages_sent = 5, sender.faults = 6, sender.processor_time = {7};

    std::vector<ProcessInformation> all;
    for (std::uint64_t slot = 0;; ++slot) {
        const auto reply = system.call<ProcessRead>(caller, {slot, data});
        if (!reply.has_value()) {
            CHECK(reply.status() == Status::no_entry);
            break;
        }
        slot = reply->slot;
        all.push_back(system.memory(caller).get<ProcessInformation>(data));
        CHECK(all.back().endpoint.slot() == slot);
    }
    REQUIRE(all.size() == 6);
    CHECK(all[0].name.view() == "vm");
    CHECK(all[0].service == service_ids::vm);
    CHECK(all[2].name.view() == "sender");
    CHECK(all[2].waits_for == receiver.endpoint);
    CHECK(all[2].blockers == sender.blockers);
    CHECK(all[2].messages_sent == 5);
    CHECK(all[2].faults == 6);
    CHECK(all[2].processor_time == Ticks{7});
    CHECK(all[2].instruction_pointer == program_entry.value);
    CHECK(all[3].waits_for == endpoints::clock);
    CHECK(all[4].death_cause == DeathCause::killed);
    CHECK(all[4].running == 0);
    CHECK(all[5].running == 1);
    CHECK(all[5].kernel_calls == 6);
    CHECK(all[5].priority == 4);
    CHECK(system.call<ProcessRead>(caller, {process_limit, data}).status() == Status::no_entry);
    CHECK(system.call<ProcessRead>(caller, {~0ull, data}).status() == Status::no_entry);
}

TEST_CASE("counters_read copies the counters, this call among them") {
    System system;
    Process& process = system.start("p");
    REQUIRE(system.call<CountersRead>(process, {data}).has_value());
    const auto counters = system.memory(process).get<KernelCounters>(data);
    CHECK(counters.kernel_calls() == 1);
    CHECK(counters.calls[kernel_call_number<CountersRead>] == 1);
}

TEST_CASE("machine_read tells RAM, processor, command line and firmware") {
    System system;
    Process& process = system.start("p");
    system.boot_info.firmware = Firmware::uefi;
    REQUIRE(system.call<MachineRead>(process, {data}).has_value());
    const auto information = system.memory(process).get<MachineInformation>(data);
    CHECK(information.total_pages == 0x40'0000 / page_bytes); // the reserved range does not count
    CHECK(std::string_view(information.processor.data()) == "unit test");
    CHECK(information.feature_bits == 1);
    CHECK(std::string_view(information.command_line.data()) == "mode");
    CHECK(information.firmware == 1);
}

TEST_CASE("machine_control stops the machine or says that it does not know how") {
    System system;
    Process& process = system.start("p");
    const auto stopped_by = [&](MachineStop action) {
        try {
            (void)system.call<MachineControl>(process, {action});
        } catch (const host::Stopped& stopped) {
            return stopped.kind;
        }
        return host::StopKind::halt;
    };
    CHECK(stopped_by(MachineStop::power_off) == host::StopKind::power_off);
    CHECK(stopped_by(MachineStop::reboot) == host::StopKind::reboot);
    CHECK(system.call<MachineControl>(process, {static_cast<MachineStop>(2)}).status() == Status::invalid);
    CHECK(process.runnable());
}
