// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/abi/user_layout.h"
#include "servers/vm/service.h"

namespace tessera::vm {

using namespace protocol::vm;

Service::Outcome<protocol::Nothing> Service::handle(SpaceCreate, const SpaceCreate::Request& request, Endpoint caller) {
    if (caller != endpoints::rs) return Status::not_permitted;
    return spaces_
        .create({.process = request.process,
                 .inherit_from = request.inherit_from,
                 .budget_pages = request.budget_pages,
                 .preserved_pages = request.preserved_pages,
                 .contiguous_pages = request.contiguous_pages})
        .status();
}

Service::Outcome<protocol::Nothing> Service::handle(ImageLoad, const ImageLoad::Request& request, Endpoint caller) {
    if (caller != endpoints::rs) return Status::not_permitted;
    ProcessMemory* memory = spaces_.find(request.process);
    if (memory == nullptr) return Status::dead_endpoint;
    if (memory->space.bound()) return Status::not_permitted; // it has a program
    if (request.argument_bytes > argument_bytes_limit) return Status::too_big;
    const Program program = TESSERA_TRY(programs_.find(request.program));

    std::array<std::byte, argument_bytes_limit> buffer;
    const std::span arguments = std::span(buffer).first(request.arguments.valid() ? request.argument_bytes : 0);
    if (!arguments.empty() && !environment_.kernel.copy_from(caller, request.arguments, 0, arguments).has_value())
        return Status::bad_address;

    const LoadedProgram loaded =
        TESSERA_TRY(loader_.load(memory->space, program, {.strings = arguments}, random_.seed()));
    spaces_.refresh_privileges(*memory);
    const Completion bound = memory->space.bind(loaded.entry, loaded.stack);
    if (!bound.has_value()) ImageLoader::unload(memory->space);
    return bound.status();
}

Service::Outcome<protocol::Nothing> Service::handle(SpaceFork, const SpaceFork::Request& request, Endpoint caller) {
    ProcessMemory* parent = spaces_.find(request.parent);
    if (parent == nullptr) return Status::no_such;
    if (!supervises(caller, *parent)) return Status::not_permitted;
    const Completion forked = spaces_.fork(*parent, request.child);
    if (forked.has_value()) counters_.count(CountedEvent::forks);
    return forked.status();
}

Service::Outcome<protocol::Nothing> Service::handle(SpaceExec, const SpaceExec::Request& request, Endpoint caller) {
    ProcessMemory* memory = spaces_.find(request.process);
    if (memory == nullptr) return Status::no_such;
    if (!supervises(caller, *memory)) return Status::not_permitted;
    if (request.argument_bytes > argument_bytes_limit) return Status::too_big;
    const Program program = TESSERA_TRY(programs_.find(request.program));

    std::array<std::byte, argument_bytes_limit> buffer;
    const std::span strings = std::span(buffer).first(request.argument_bytes);
    TESSERA_TRY(memory->space.read(request.arguments, strings));
    return execute(*memory, program, {.strings = strings, .count = request.argument_count}).status();
}

// First everything that can fail, beside what the process has; then the change, which cannot.
Completion Service::execute(ProcessMemory& memory, const Program& program, const ProgramArguments& arguments) {
    ProcessMemory* second = TESSERA_TRY(spaces_.create_second(memory));
    Completion result = Done{};
    const auto loaded = loader_.load(second->space, program, arguments, random_.seed());
    if (loaded.has_value())
        result = spaces_.put_in_place(*second, loaded->entry, loaded->stack);
    else
        result = loaded.error();
    if (result.has_value())
        counters_.count(CountedEvent::execs);
    else
        spaces_.discard(*second);
    return result;
}

Service::Outcome<protocol::Nothing> Service::handle(SpaceDestroy, const SpaceDestroy::Request& request,
                                                    Endpoint caller) {
    ProcessMemory* memory = spaces_.find(request.process);
    if (caller != endpoints::rs && memory != nullptr && !supervises(caller, *memory)) return Status::not_permitted;
    return spaces_.destroy(request.process).status();
}

Service::Outcome<ArchiveMap::Reply> Service::handle(ArchiveMap, const Nothing&, Endpoint caller) {
    Space* space = spaces_.space(caller);
    if (caller != endpoints::rs || space == nullptr) return Status::not_permitted;
    const ArchiveMap::Reply reply{.address = user_layout::boot_archive, .bytes = boot_info_.archive_bytes};
    const AddressRange range{reply.address, (reply.address + reply.bytes).page_up()};
    if (space->regions().containing(range.start) != nullptr) return reply;
    const Region region{
        .range = range, .access = PageAccess::read, .type = &environment_.types.archive, .backing = boot_info_.archive};
    TESSERA_TRY(space->map(region));
    // All of it at once: VM reads programs from here by grant, and nobody can resolve its faults.
    const Completion populated = space->populate(range);
    if (populated.has_value()) return reply;
    space->remove(*space->regions().containing(range.start));
    return populated.error();
}

// Whether the caller is the service that the process's privileges name as its supervisor. Most often the same one asks.
bool Service::supervises(Endpoint caller, const ProcessMemory& memory) {
    if (caller != last_supervisor_) {
        const auto privileges = environment_.kernel.privileges(caller);
        if (!privileges.has_value()) return false;
        last_supervisor_ = caller;
        last_supervisor_service_ = privileges->service;
    }
    return last_supervisor_service_ != service_ids::user && last_supervisor_service_ == memory.privileges.supervisor;
}

} // namespace tessera::vm
