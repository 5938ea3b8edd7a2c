// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A kernel for unit tests of VM: keeps what it was told, and answers from tables that a test fills.

#include "kernel/abi/counters.h"
#include "servers/vm/kernel_interface.h"
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tessera::tests {

class FakeKernel final : public vm::KernelInterface {
public:
    struct Bound {
        VirtualAddress entry;
        VirtualAddress stack;
    };
    struct Answer {
        Endpoint process;
        Status status;
        bool operator==(const Answer&) const = default;
    };

    // Makes a process known, with these privileges.
    void add(Endpoint process, const Privileges& privileges = {}) { processes[process] = privileges; }
    void grant(Endpoint grantor, GrantId id, std::vector<std::byte> bytes) { grants[{grantor, id}] = std::move(bytes); }

    Completion root_entries_set(PhysicalAddress page) override {
        root_entries = page;
        return Done{};
    }
    Completion space_bind(Endpoint process, VirtualAddress entry, VirtualAddress stack) override {
        if (!processes.contains(process)) return Status::dead_endpoint;
        bound[process] = {entry, stack};
        return Done{};
    }
    Completion space_attach(Endpoint process) override {
        if (!processes.contains(process)) return Status::dead_endpoint;
        attached.push_back(process);
        return Done{};
    }
    Completion space_unbind(Endpoint process) override {
        if (running.contains(process)) return Status::busy;
        bound.erase(process);
        return Done{};
    }
    void space_flush(Endpoint process) override {
        if (process == endpoints::vm) return on_own_flush();
        flushed.push_back(process);
        if (on_flush) on_flush();
    }
    Completion process_start(Endpoint process) override {
        started.push_back(process);
        return Done{};
    }
    void fault_resolve(Endpoint process, Status status) override { answers.push_back({process, status}); }
    Result<Privileges> privileges(Endpoint process) override {
        const auto it = processes.find(process);
        if (it == processes.end()) return Status::dead_endpoint;
        return it->second;
    }
    bool awaits_answer(Endpoint process, Endpoint server) override {
        const auto it = awaiting.find(process);
        return it != awaiting.end() && it->second == server;
    }
    Completion copy_from(Endpoint grantor, GrantId grant, std::uint64_t offset, std::span<std::byte> to) override {
        if (++copies == fail_copy) return Status::bad_address;
        const auto it = grants.find({grantor, grant});
        if (it == grants.end()) return Status::not_permitted;
        if (offset > it->second.size() || to.size() > it->second.size() - offset) return Status::not_permitted;
        std::memcpy(to.data(), it->second.data() + offset, to.size());
        return Done{};
    }
    Result<GrantPath> grant_resolve(const GrantUse& use) override {
        const auto it = paths.find({use.grantor, use.grant});
        if (it == paths.end() || !includes(it->second.rights, use.rights)) return Status::not_permitted;
        if (use.bytes > it->second.bytes || use.offset > it->second.bytes - use.bytes) return Status::not_permitted;
        GrantPath path = it->second.path;
        path.address = path.address + use.offset;
        return path;
    }
    void log(LogLevel, std::string_view text) override { lines.emplace_back(text); }

    // Where a grant leads.
    struct Path {
        GrantPath path;
        GrantRights rights;
        std::uint64_t bytes;
    };

    std::map<Endpoint, Privileges> processes;
    std::map<std::pair<Endpoint, GrantId>, Path> paths;
    std::map<std::pair<Endpoint, GrantId>, std::vector<std::byte>> grants;
    std::map<Endpoint, Bound> bound;
    std::map<Endpoint, Endpoint> awaiting; // who waits for whose answer
    std::map<Endpoint, bool> running;      // those that cannot be unbound
    std::vector<Endpoint> attached;
    std::vector<Endpoint> flushed;
    std::vector<Endpoint> started;
    std::vector<Answer> answers;
    std::vector<std::string> lines;
    PhysicalAddress root_entries;
    std::size_t copies = 0;
    std::size_t fail_copy = 0; // which copy fails, from 1; 0: none
    std::function<void()> on_flush;
    std::function<void()> on_own_flush; // of VM's own translations
};

} // namespace tessera::tests
