// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A machine in memory: processes that tests kill, clients that wait, a clock that tests move. It refuses what the
// kernel and VM would refuse.

#include "kernel/abi/calls/information.h"
#include "kernel/abi/calls/processes.h"
#include "servers/rs/machine.h"
#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tessera::tests {

struct FakeProcess {
    Endpoint endpoint;
    Name name;
    Privileges privileges;
    std::optional<protocol::vm::SpaceCreate::Request> space;
    bool gave_memory_away = false;
    std::string arguments;
    bool loaded = false;
    bool running = false;
    bool held = false;
    bool dead = false;
};

class FakeMachine final : public rs::Machine {
public:
    Nanoseconds time{};
    std::vector<FakeProcess> processes;
    std::map<std::string, Status, std::less<>> failing; // step -> what it answers
    std::vector<Endpoint> notified;
    std::vector<std::pair<Endpoint, Message>> answers;
    std::vector<std::string> lines;
    std::vector<kernel_calls::MachineStop> stops;
    std::map<rs::PciLocation, rs::BusMastering> bus_mastering;

    void advance(std::uint64_t milliseconds) { time.value += milliseconds * 1'000'000; }

    FakeProcess* find(Endpoint endpoint) {
        const auto found = std::ranges::find(processes, endpoint, &FakeProcess::endpoint);
        return found == processes.end() ? nullptr : &*found;
    }
    FakeProcess* living(std::string_view name) {
        const auto found = std::ranges::find_if(
            processes, [&](const FakeProcess& process) { return process.name.view() == name && !process.dead; });
        return found == processes.end() ? nullptr : &*found;
    }
    std::size_t count(std::string_view name) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(processes, [&](const FakeProcess& process) { return process.name.view() == name; }));
    }
    bool logged(std::string_view text) const {
        return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(text) != line.npos; });
    }

    void die(Endpoint endpoint, DeathCause cause, std::uint64_t detail = 0) {
        find(endpoint)->dead = true;
        deaths_.push_back({.endpoint = endpoint, .cause = cause, .detail = detail});
    }

    Nanoseconds now() override { return time; }

    Result<Endpoint> create_process(const Name& name) override {
        if (const auto failure = failure_of("create_process")) return *failure;
        const Endpoint endpoint(next_slot_, 1);
        ++next_slot_;
        processes.push_back({.endpoint = endpoint, .name = name});
        return endpoint;
    }
    Completion set_privileges(Endpoint endpoint, const Privileges& privileges) override {
        if (const auto failure = failure_of("set_privileges")) return *failure;
        find(endpoint)->privileges = privileges;
        return Done{};
    }
    Completion create_space(const protocol::vm::SpaceCreate::Request& request) override {
        if (const auto failure = failure_of("create_space")) return *failure;
        if (FakeProcess* const predecessor = find(request.inherit_from)) {
            if (predecessor->running && !predecessor->dead) return Status::not_permitted;
            predecessor->gave_memory_away = true;
        }
        find(request.process)->space = request;
        return Done{};
    }
    Completion load_image(Endpoint endpoint, const Name&, std::string_view arguments) override {
        if (const auto failure = failure_of("load_image")) return *failure;
        find(endpoint)->loaded = true;
        find(endpoint)->arguments = arguments;
        return Done{};
    }
    Completion start_process(Endpoint endpoint) override {
        FakeProcess* const process = find(endpoint);
        if (process == nullptr || !process->loaded || process->dead) return Status::invalid;
        process->running = true;
        return Done{};
    }
    Completion stop_process(Endpoint endpoint) override {
        if (find(endpoint) == nullptr) return Status::dead_endpoint;
        find(endpoint)->held = true;
        return Done{};
    }
    Completion kill_process(Endpoint endpoint) override {
        if (find(endpoint) == nullptr || find(endpoint)->dead) return Status::dead_endpoint;
        die(endpoint, DeathCause::killed);
        return Done{};
    }
    Completion inject_fault(Endpoint endpoint, kernel_calls::InjectedFault fault) override {
        if (find(endpoint) == nullptr) return Status::dead_endpoint;
        die(endpoint,
            fault == kernel_calls::InjectedFault::null_jump ? DeathCause::page_fault : DeathCause::illegal_instruction);
        return Done{};
    }
    Completion destroy_space(Endpoint endpoint) override {
        FakeProcess* const process = find(endpoint);
        if (process == nullptr || !process->space) return Status::no_such;
        if (process->running && !process->dead) return Status::busy;
        process->space.reset();
        return Done{};
    }
    Completion destroy_process(Endpoint endpoint) override {
        FakeProcess* const process = find(endpoint);
        if (process == nullptr) return Status::dead_endpoint;
        if (process->space) return Status::busy;
        processes.erase(processes.begin() + (process - processes.data()));
        return Done{};
    }
    Result<DeathReport> next_death() override {
        if (deaths_.empty()) return Status::no_entry;
        const DeathReport report = deaths_.front();
        deaths_.pop_front();
        return report;
    }
    void set_bus_mastering(rs::PciLocation device, rs::BusMastering mastering) override {
        bus_mastering[device] = mastering;
    }
    void notify(Endpoint endpoint) override { notified.push_back(endpoint); }
    void answer(Endpoint client, const Message& message) override { answers.emplace_back(client, message); }
    void stop(kernel_calls::MachineStop action) override { stops.push_back(action); }
    void log(LogLevel, std::string_view text) override { lines.emplace_back(text); }

private:
    std::optional<Status> failure_of(std::string_view step) const {
        const auto found = failing.find(step);
        return found == failing.end() ? std::nullopt : std::optional(found->second);
    }

    std::uint32_t next_slot_ = 10;
    std::deque<DeathReport> deaths_;
};

} // namespace tessera::tests
