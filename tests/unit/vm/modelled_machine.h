// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// VM beside its model: every operation is a message to VM and a change of the model. Where the two differ, in an
// answer, in what is mapped, in contents or in a count, Disagreement is thrown.

#include "tests/unit/vm/known_translations.h"
#include "tests/unit/vm/machine.h"
#include "tests/unit/vm/space_model.h"
#include <set>
#include <stdexcept>

namespace tessera::tests {

struct Disagreement : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The errors that are right for a request. Without any, it must succeed.
class Verdict {
public:
    Verdict& error_if(bool wrong, Status status) {
        if (wrong) errors_.insert(status);
        return *this;
    }
    // Whether it succeeded. Throws Disagreement when VM should have answered otherwise.
    bool judge(std::string_view operation, Status seen) const;

private:
    std::set<Status> errors_;
};

class ModelledMachine {
public:
    static constexpr Endpoint manager{4, 1}; // supervises all the others
    static constexpr ServiceId driver_service{12};
    enum class Kind : std::uint8_t { user, driver };

    ModelledMachine();

    // Makes a process that runs the program, if its budget is enough.
    void spawn(Endpoint process, std::uint32_t budget, Kind kind);
    void fork(Endpoint parent, Endpoint child);
    void part_copied_at_once(Endpoint parent, Endpoint child);
    void execute(Endpoint process, std::string_view program);
    void exit(Endpoint process);

    void map(Endpoint process, const protocol::vm::Map::Request& request);
    void unmap(Endpoint process, VirtualAddress address, std::uint64_t bytes);
    void protect(Endpoint process, const protocol::vm::Protect::Request& request);
    void move_break(Endpoint process, VirtualAddress end);
    void map_contiguous(Endpoint process, const protocol::vm::ContiguousMap::Request& request);
    void remap(Endpoint process, const protocol::vm::Remap::Request& request);
    void unmap_shared(Endpoint process, const protocol::vm::SharedUnmap::Request& request);
    void status_of_shared(Endpoint process, VirtualAddress address);

    // The process accesses a word; a write stores `value`.
    void access(Endpoint process, VirtualAddress address, vm::Access access, std::uint64_t value);
    // The kernel needs a range on the process's behalf.
    void request(Endpoint process, AddressRange bytes, vm::Access access);
    // Who waits for whose answer.
    void wait_for(Endpoint process, Endpoint server) { machine_.kernel.awaiting[process] = server; }

    void compare_all(); // every space, the counts, and VM's own check
    void end_all();     // every process; then nothing is left

    bool has(Endpoint process) const { return models_.contains(process); }
    const SpaceModel& model(Endpoint process) const { return *models_.at(process); }
    std::vector<Endpoint> processes() const;

private:
    using Contents = std::map<VirtualAddress, bool>;

    template <class Operation>
    Result<typename Operation::Reply> call(const typename Operation::Request& request, Endpoint caller) {
        Received received{.source = caller};
        received.message.words[0] = protocol::vm::VmProtocol::number<Operation>;
        protocol::store_payload(received.message, request);
        const auto answer = runtime::dispatch<protocol::vm::VmProtocol>(machine_.checked_service, received);
        if (!answer.has_value()) throw Disagreement("VM does not answer");
        const auto status = static_cast<Status>(-static_cast<std::int64_t>(answer->words[0]));
        if (status != Status::ok) return status;
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }

    // A whole space after every eighth operation, each is a matter of hundreds of pages. With 1, Disagreement comes at
    // once.
    static constexpr std::uint64_t operations_between = 8;
    void compare(Endpoint process) {
        if (++operations_ % operations_between == 0) compare_space(process);
    }
    void compare_space(Endpoint process);

    SpaceModel& space_of(Endpoint process) { return *models_.at(process); }
    void add_empty(Endpoint process, std::uint32_t budget);
    Status load(Endpoint process);
    void learn_program();
    std::uint64_t cost_of_program() const;
    Verdict judge_map(const SpaceModel& space, const protocol::vm::Map::Request& request) const;
    void put_buffer(SpaceModel& space, AddressRange range, PhysicalAddress base);
    void compare_page(const SpaceModel& space, VirtualAddress address, vm::PageEntry entry) const;
    std::uint64_t mappings_of(const ModelObject& object) const;
    void compare_counts();
    void take_back_buffers();
    const vm::Space& real(Endpoint process);

    Machine machine_;
    KnownTranslations translations_{machine_};
    std::map<Endpoint, std::unique_ptr<SpaceModel>> models_;
    std::map<Endpoint, Kind> kinds_;
    std::vector<std::weak_ptr<ModelObject>> shared_;             // memory, those that are gone included
    std::multimap<std::uint64_t, PhysicalAddress> left_buffers_; // of dead drivers, by pages
    std::unique_ptr<SpaceModel> program_;                        // what a process has that just started it
    Contents from_archive_;                                      // which of its pages are the boot archive's
    vm::MemoryCounts first_counts_;
    std::uint64_t operations_ = 0;
};

} // namespace tessera::tests
