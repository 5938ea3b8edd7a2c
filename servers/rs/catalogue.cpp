// SPDX-License-Identifier: BSD-3-Clause
#include "servers/rs/catalogue.h"
#include "servers/configuration/call_graph.h"
#include "servers/configuration/parser.h"
#include <algorithm>
#include <format>
#include <ranges>

namespace tessera::rs {

namespace {

constexpr std::string_view suffix = ".conf";

struct Found {
    configuration::ServiceConfiguration configuration;
    ServiceState state = ServiceState::stopped;
};

// What is known of a service whose file cannot be read: its name, and that it is of no use.
Found broken(std::string_view file_name) {
    Found found{.state = ServiceState::failed};
    found.configuration.label = Name(file_name.substr(0, file_name.size() - suffix.size()));
    found.configuration.priority = priority_count - 1;
    found.configuration.start = configuration::StartMode::on_request;
    found.configuration.restart.policy = protocol::rs::RestartPolicy::never;
    return found;
}

Found read_file(const boot::ArchiveEntry& entry, Machine& machine) {
    if (!entry.intact()) {
        machine.log(LogLevel::error, std::format("{}: its checksum is wrong: the boot image is damaged", entry.name));
        return broken(entry.name);
    }
    const std::string_view text(reinterpret_cast<const char*>(entry.contents.data()), entry.contents.size());
    auto parsed = configuration::parse(entry.name, text);
    if (!parsed.has_value()) {
        machine.log(LogLevel::error, parsed.error().message);
        return broken(entry.name);
    }
    return {.configuration = *std::move(parsed)};
}

std::vector<Found> read_files(const boot::Archive& archive, Machine& machine) {
    std::vector<Found> all;
    for (const boot::ArchiveEntry& entry : archive)
        if (entry.regular_file() && entry.name.ends_with(suffix)) all.push_back(read_file(entry, machine));
    std::ranges::sort(all, [](const Found& a, const Found& b) {
        const auto key = [](const Found& found) {
            return std::pair(found.configuration.priority, found.configuration.label.view());
        };
        return key(a) < key(b);
    });
    return all;
}

void report_call_graph(const std::vector<Found>& all, Machine& machine) {
    std::vector<configuration::ServiceConfiguration> configurations;
    for (const Found& found : all) configurations.push_back(found.configuration);
    for (const std::string& problem : configuration::call_graph_problems(configurations))
        machine.log(LogLevel::warning, problem);
}

} // namespace

void add_services(const boot::Archive& archive, const FindDevice& find_device, Machine& machine,
                  ServiceTable& services) {
    const std::vector<Found> all = read_files(archive, machine);
    report_call_graph(all, machine);
    for (const Found& found : all) {
        const auto& configuration = found.configuration;
        if (services.find(configuration.label) != nullptr) continue; // reported just above
        Service service{.configuration = configuration, .state = found.state};
        service.backoff = Backoff(configuration.restart);
        if (!configuration.pci_devices.empty()) {
            service.device = find_device(configuration.pci_devices);
            if (!service.device) {
                machine.log(LogLevel::warning,
                            std::format("{}: the machine has none of its devices", configuration.label.view()));
                service.state = ServiceState::failed;
            }
        }
        if (!services.add(std::move(service)).has_value())
            machine.log(LogLevel::error,
                        std::format("{}: left out: more than {} services", configuration.label.view(), service_limit));
    }
}

std::vector<std::string_view> requested_services(std::string_view command_line) {
    constexpr std::string_view option = "start=";
    std::vector<std::string_view> labels;
    for (const auto word : std::views::split(command_line, ' ')) {
        const std::string_view text(word);
        if (!text.starts_with(option)) continue;
        for (const auto label : std::views::split(text.substr(option.size()), ','))
            if (!label.empty()) labels.emplace_back(label);
    }
    return labels;
}

} // namespace tessera::rs
