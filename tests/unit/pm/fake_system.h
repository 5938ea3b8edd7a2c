// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Processes as the kernel has them: forked and without a space, living, dead, gone. A dead process keeps its slot until
// that is destroyed.

#include "kernel/abi/calls/scheduling.h"
#include "kernel/abi/calls/signals.h"
#include "kernel/abi/privileges.h"
#include "servers/pm/system.h"
#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace tessera::pm::test {

inline constexpr Endpoint shell{200, 1}; // a service

class FakeSystem final : public System {
public:
    Result<Endpoint> start_program(const Name& program) override {
        if (program.view() == "missing") return Status::no_entry;
        const Endpoint process = TESSERA_TRY(free_slot());
        living.insert(process);
        return process;
    }
    Result<Endpoint> fork_process(Endpoint) override {
        const Endpoint child = TESSERA_TRY(free_slot());
        spaceless.insert(child);
        return child;
    }
    Completion fork_space(Endpoint, Endpoint child) override {
        if (space_failure != Status::ok) return space_failure;
        spaceless.erase(child);
        living.insert(child);
        return Done{};
    }
    Completion exec(Endpoint process, const protocol::pm::Exec::Request& request) override {
        if (request.program.view() == "missing") return Status::no_entry;
        programs[process] = request.program;
        return Done{};
    }
    void destroy_space(Endpoint process) override { spaces_destroyed.push_back(process); }
    void destroy_slot(Endpoint process) override {
        slots_destroyed.push_back(process);
        dead.erase(process);
        spaceless.erase(process);
    }
    Completion kill(Endpoint process) override {
        if (!living.contains(process) && !spaceless.contains(process)) return Status::dead_endpoint;
        die(process, DeathCause::killed, 0);
        return Done{};
    }
    Result<kernel_calls::SignalEffect> post_signal(Endpoint process, Signal signal) override {
        if (!is_signal(signal)) return Status::invalid;
        if (!living.contains(process)) return Status::dead_endpoint;
        signals.emplace_back(process, signal);
        return signal_effect;
    }
    bool lives(Endpoint process) override { return living.contains(process); }
    Result<ServiceId> service_of(Endpoint process) override {
        if (!living.contains(process)) return Status::dead_endpoint;
        const auto service = services.find(process);
        return service == services.end() ? service_ids::user : service->second;
    }
    Completion tell(Endpoint service) override {
        if (!living.contains(service)) return Status::dead_endpoint;
        if (!may_tell.contains(service)) return Status::call_denied;
        told.push_back(service);
        return Done{};
    }
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
        for (const Endpoint endpoint : spaceless)
            found.push_back({.endpoint = endpoint, .blockers = static_cast<std::uint32_t>(Blocker::no_space)});
        for (const auto& [endpoint, cause] : dead)
            found.push_back(
                {.endpoint = endpoint, .blockers = static_cast<std::uint32_t>(Blocker::dead), .death_cause = cause});
        return found;
    }
    Completion answer(Endpoint client, const Message& message) override {
        if (!living.contains(client)) return Status::dead_endpoint;
        answers.emplace_back(client, message);
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
        spaceless.erase(process);
        dead[process] = cause;
        deaths.push_back({.endpoint = process, .cause = cause, .detail = detail});
    }
    // What the answer number `index` says.
    template <class Operation> typename Operation::Reply answered(std::size_t index) const {
        return protocol::load_payload<typename Operation::Reply>(answers.at(index).second);
    }

    std::set<Endpoint> living{shell};
    std::set<Endpoint> spaceless; // forked, without a space yet
    std::map<Endpoint, DeathCause> dead;
    std::deque<DeathReport> deaths;
    std::deque<kernel_calls::ScheduleNext::Reply> without_quantum;
    std::map<Endpoint, std::uint16_t> priorities; // as scheduled last
    std::map<Endpoint, Name> programs;            // as executed last
    std::vector<Nanoseconds> alarms;
    std::vector<Endpoint> spaces_destroyed;
    std::vector<Endpoint> slots_destroyed;
    std::vector<std::pair<Endpoint, Message>> answers;
    std::map<Endpoint, ServiceId> services{{shell, ServiceId{9}}};
    std::set<Endpoint> may_tell;
    std::vector<Endpoint> told;                                                     // who was notified
    std::vector<std::pair<Endpoint, Signal>> signals;                               // as posted
    kernel_calls::SignalEffect signal_effect = kernel_calls::SignalEffect::nothing; // what becomes of each
    Status space_failure = Status::ok;                                              // what VM says of each fork
    std::uint32_t slot_limit = 199; // slots 10 to this one are for user processes

private:
    Result<Endpoint> free_slot() {
        for (std::uint32_t slot = 10; slot <= slot_limit; ++slot) {
            const auto in_slot = [&](Endpoint endpoint) { return endpoint.slot() == slot; };
            const auto key_in_slot = [&](const auto& entry) { return entry.first.slot() == slot; };
            if (std::ranges::any_of(living, in_slot) || std::ranges::any_of(spaceless, in_slot) ||
                std::ranges::any_of(dead, key_in_slot))
                continue;
            return Endpoint(slot, ++generations_[slot]);
        }
        return Status::no_space;
    }

    std::map<std::uint32_t, std::uint32_t> generations_;
};

} // namespace tessera::pm::test
