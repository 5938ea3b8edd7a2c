// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Processes as the kernel has them: living, dead and not reaped, gone.

#include "servers/pm/system.h"
#include "servers/protocols/pm.h"
#include <deque>
#include <map>
#include <set>

namespace tessera::pm::test {

inline constexpr Endpoint shell{200, 1}; // a service

class FakeSystem final : public System {
public:
    Result<Endpoint> start_program(const Name& program) override {
        if (program.view() == "missing") return Status::no_entry;
        ++next_slot_;
        const Endpoint process(next_slot_ % 200, 1 + next_slot_ / 200);
        living.insert(process);
        return process;
    }
    void reap(Endpoint process) override {
        reaped.push_back(process);
        dead.erase(process);
    }
    Completion kill(Endpoint process) override {
        if (!living.contains(process)) return Status::dead_endpoint;
        die(process, DeathCause::killed, 0);
        return Done{};
    }
    bool lives(Endpoint process) override { return living.contains(process); }
    Result<DeathReport> next_death() override {
        if (deaths.empty()) return Status::no_entry;
        const DeathReport report = deaths.front();
        deaths.pop_front();
        return report;
    }
    std::vector<ProcessInformation> user_processes() override {
        std::vector<ProcessInformation> found;
        for (const Endpoint endpoint : living)
            if (endpoint != shell) found.push_back({.endpoint = endpoint});
        for (const auto& [endpoint, cause] : dead)
            found.push_back(
                {.endpoint = endpoint, .blockers = static_cast<std::uint32_t>(Blocker::dead), .death_cause = cause});
        return found;
    }
    Completion answer(Endpoint client, const Message& message) override {
        if (!living.contains(client)) return Status::dead_endpoint;
        answers.emplace_back(client, protocol::load_payload<protocol::pm::Wait::Reply>(message));
        return Done{};
    }

    Result<kernel_calls::ScheduleNext::Reply> schedule_next() override {
        if (without_quantum.empty()) return Status::no_entry;
        const auto next = without_quantum.front();
        without_quantum.pop_front();
        return next;
    }
    Completion schedule(Endpoint process, std::uint16_t priority, std::uint32_t) override {
        if (!living.contains(process)) return Status::dead_endpoint;
        priorities[process] = priority;
        return Done{};
    }
    void ring_after(Nanoseconds delay) override { alarms.push_back(delay); }

    void die(Endpoint process, DeathCause cause, std::uint64_t detail) {
        living.erase(process);
        dead[process] = cause;
        deaths.push_back({.endpoint = process, .cause = cause, .detail = detail});
    }

    std::set<Endpoint> living{shell};
    std::map<Endpoint, DeathCause> dead;
    std::deque<DeathReport> deaths;
    std::deque<kernel_calls::ScheduleNext::Reply> without_quantum;
    std::map<Endpoint, std::uint16_t> priorities; // as scheduled last
    std::vector<Nanoseconds> alarms;
    std::vector<Endpoint> reaped;
    std::vector<std::pair<Endpoint, protocol::pm::Wait::Reply>> answers;

private:
    std::uint32_t next_slot_ = 10;
};

} // namespace tessera::pm::test
