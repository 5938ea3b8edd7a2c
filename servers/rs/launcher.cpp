// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/launcher.h"
#include "servers/configuration/privileges.h"
#include <format>
#include <utility>

namespace tessera::rs {

namespace {

constexpr std::uint32_t user_budget_pages = 4096; // 16 MiB

// What a program finds as argc and argv: its name, then the configured arguments.
std::string argument_block(std::string_view program, const std::vector<std::string>& arguments) {
    std::string block(program);
    block.push_back('\0');
    for (const std::string& argument : arguments) block.append(argument).push_back('\0');
    return block;
}

} // namespace

Privileges Launcher::privileges_of(const Service& service) {
    const auto id_of_label = [this](const Name& label) -> std::optional<ServiceId> {
        const Service* const other = services_.find(label);
        return other == nullptr ? std::nullopt : std::optional(other->id);
    };
    std::optional<configuration::Device> device;
    if (service.device) device = service.device->resources;
    return configuration::privileges_of(service.configuration, service.id, device, id_of_label);
}

Completion Launcher::prepare(Endpoint process, const Privileges& privileges,
                             const protocol::vm::SpaceCreate::Request& space) {
    TESSERA_TRY(machine_.set_privileges(process, privileges));
    return machine_.create_space(space);
}

Completion Launcher::load(Endpoint process, std::string_view program, const std::vector<std::string>& arguments) {
    const Name name(program);
    if (name.view() != program) return Status::no_entry; // longer than any name
    return machine_.load_image(process, name, argument_block(program, arguments));
}

Result<Endpoint> Launcher::create(Service& service) {
    const auto& configuration = service.configuration;
    const Endpoint process = TESSERA_TRY(machine_.create_process(service.label()));
    const auto prepared = prepare(process, privileges_of(service),
                                  {.process = process,
                                   .inherit_from = service.predecessor,
                                   .budget_pages = configuration.budget_pages,
                                   .preserved_pages = configuration.preserved_pages,
                                   .contiguous_pages = configuration.contiguous_pages});
    if (!prepared.has_value()) {
        discard(process);
        return prepared.error();
    }
    // From here on the new process holds the inherited memory.
    const Endpoint predecessor = std::exchange(service.predecessor, endpoints::none);
    if (predecessor != endpoints::none) reap(predecessor);

    const auto loaded = load(process, configuration.program, configuration.arguments);
    if (loaded.has_value()) return process;
    if (service.keeps_memory())
        service.predecessor = process;
    else
        discard(process);
    return loaded.error();
}

Result<Endpoint> Launcher::create_user_process(std::string_view program, ServiceId supervisor) {
    const Endpoint process = TESSERA_TRY(machine_.create_process(Name(program)));
    auto result = prepare(process, configuration::user_privileges(supervisor),
                          {.process = process,
                           .inherit_from = endpoints::none,
                           .budget_pages = user_budget_pages,
                           .preserved_pages = 0,
                           .contiguous_pages = 0});
    if (result.has_value()) result = load(process, program, {});
    if (result.has_value()) return process;
    discard(process);
    return result.error();
}

void Launcher::discard(Endpoint process) {
    (void)machine_.destroy_space(process); // it may have none yet
    (void)machine_.destroy_process(process);
}

void Launcher::reap(Endpoint process) {
    const auto space = machine_.destroy_space(process);
    if (!space.has_value())
        machine_.log(LogLevel::error, std::format("the space of dead process {:#x} cannot be freed: {}",
                                                  process.value(), status_name(space.error())));
    const auto slot = machine_.destroy_process(process);
    if (!slot.has_value())
        machine_.log(LogLevel::error, std::format("the slot of dead process {:#x} cannot be freed: {}", process.value(),
                                                  status_name(slot.error())));
}

} // namespace tessera::rs
