// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The translations that a processor may still know: all that it used since VM last had them flushed. None of them may
// allow what the page tables do not allow any more, when a request is done.

#include "tests/unit/vm/machine.h"
#include <map>

namespace tessera::tests {

class KnownTranslations {
public:
    explicit KnownTranslations(Machine& machine) : machine_(machine) {
        machine.kernel.on_flush = [this] { forget(machine_.kernel.flushed.back()); };
    }

    // The process accessed a page.
    void use(Endpoint process, VirtualAddress page) { known_[process][page] = machine_.translate(process, page); }
    // The process is gone, or has another root entry.
    void forget(Endpoint process) { known_.erase(process); }

    bool right(Endpoint process) const {
        const auto found = known_.find(process);
        if (found == known_.end()) return true;
        for (const auto& [page, entry] : found->second) {
            const vm::PageEntry now = machine_.translate(process, page);
            if (now.address() != entry.address() || (entry.writable() && !now.writable())) return false;
            if (entry.executable() && !now.executable()) return false;
        }
        return true;
    }

private:
    Machine& machine_;
    std::map<Endpoint, std::map<VirtualAddress, vm::PageEntry>> known_;
};

} // namespace tessera::tests
