// SPDX-License-Identifier: BSD-3-Clause
// The keys of a configuration file, one reader each.

#include "servers/configuration/parser.h"
#include "servers/configuration/duplicate_keys.h"
#include "servers/configuration/field.h"
#include "servers/configuration/kernel_call_names.h"
#include "servers/configuration/numbers.h"
#include <format>

namespace tessera::configuration {

namespace {

using protocol::rs::RestartPolicy;

constexpr std::size_t name_limit = sizeof(Name) - 1;
constexpr std::uint64_t kib_limit = 1024 * 1024;
constexpr std::string_view label_form = "1 to 15 characters a-z, 0-9, '_', '-'";

std::string label_text(const Field& field) {
    std::string text = field.text(name_limit, label_form);
    for (const char c : text)
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            field.fail(std::format("\"{}\" is not a label", text), label_form);
    return text;
}

std::vector<Name> labels(const Field& field) {
    std::vector<Name> names;
    for (const Field& element : field.list(service_limit, "a list of labels")) names.emplace_back(label_text(element));
    return names;
}

std::uint32_t pages_of_kib(const Field& field, std::uint64_t lowest) {
    return static_cast<std::uint32_t>(pages_for(field.number(lowest, kib_limit) * 1024));
}

Nanoseconds milliseconds_of(const Field& field, std::uint64_t lowest, std::uint64_t highest) {
    return {field.number(lowest, highest) * 1'000'000};
}

// ---- whom it may talk to, and what it may ask of the kernel

void read_may_call(const Field& field, ServiceConfiguration& service) {
    service.may_call = labels(field);
    for (const Name& name : service.may_call)
        if (name.view() == users)
            field.fail("\"users\" are less important than every service", "labels; users may be in may_notify");
}

void read_kernel_calls(const Field& field, ServiceConfiguration& service) {
    constexpr std::string_view allowed = "\"basic\" and names of the kernel-call table (kernel/abi/kernel_calls.h)";
    for (const Field& element : field.list(kernel_call_limit, allowed)) {
        const std::string name = element.text(64, allowed);
        const auto bits = kernel_call_bits_of(name);
        if (!bits) element.fail(std::format("\"{}\" is no kernel call", name), allowed);
        service.kernel_calls |= *bits;
    }
}

void read_control(const Field& field, ServiceConfiguration& service) {
    static constexpr std::array<std::string_view, 3> names{"services", "faults", "machine"};
    for (const Field& element : field.list(names.size(), "a list of \"services\", \"faults\", \"machine\""))
        service.control |= static_cast<std::uint8_t>(1u << element.choice(names));
}
static_assert(static_cast<int>(Control::services) == 1 && static_cast<int>(Control::faults) == 2 &&
              static_cast<int>(Control::machine) == 4);

void read_magic_grants(const Field& field, ServiceConfiguration& service) {
    static constexpr std::array<std::string_view, 2> names{"refused", "of_users"};
    service.magic_grants = static_cast<MagicGrants>(field.choice(names));
}
static_assert(static_cast<int>(MagicGrants::refused) == 0 && static_cast<int>(MagicGrants::of_users) == 1);

// ---- hardware

void read_interrupts(const Field& field, ServiceConfiguration& service) {
    constexpr std::string_view allowed = "\"from device\", or a list of at most 4 lines 0..255";
    if (field.is_text()) {
        field.choice(std::array<std::string_view, 1>{"from device"});
        service.interrupt_source = InterruptSource::device;
        return;
    }
    for (const Field& element : field.list(privilege_interrupt_limit, allowed))
        service.interrupts.push_back({static_cast<std::uint32_t>(element.number(0, 255))});
}

void read_io_ports(const Field& field, ServiceConfiguration& service) {
    constexpr std::string_view allowed = "a list of at most 8 ranges as \"0x3f8-0x3ff\"";
    for (const Field& element : field.list(privilege_io_range_limit, allowed)) {
        const auto range = hexadecimal_range(element.text(32, allowed));
        if (!range || range->last > 0xffff) element.fail("is not a range of ports", "\"0xFIRST-0xLAST\" up to 0xffff");
        service.io_ports.push_back(
            {.first = static_cast<std::uint16_t>(range->first), .last = static_cast<std::uint16_t>(range->last)});
    }
}

void read_device_memory(const Field& field, ServiceConfiguration& service) {
    constexpr std::string_view allowed = "a list of at most 7 ranges of whole pages as \"0xa0000-0xbffff\"";
    for (const Field& element : field.list(privilege_memory_range_limit - 1, allowed)) {
        const auto range = hexadecimal_range(element.text(40, allowed));
        if (!range || range->first % page_bytes != 0 || (range->last + 1) % page_bytes != 0 || range->last == ~0ull)
            element.fail("is not a range of whole pages", "\"0xFIRST-0xLAST\"");
        service.device_memory.push_back({.base = {range->first}, .bytes = range->last - range->first + 1});
    }
}

PciId read_pci_id(const Field& field) {
    constexpr std::string_view allowed = "vendor and device as \"8086:100e\"";
    const auto id = pci_id(field.text(9, allowed));
    if (!id) field.fail("is no PCI identity", allowed);
    return *id;
}

void read_pci(const Field& field, ServiceConfiguration& service) {
    if (field.is_text()) {
        service.pci_devices.push_back(read_pci_id(field));
        return;
    }
    for (const Field& element : field.list(16, "an identity as \"8086:100e\", or a list of at most 16"))
        service.pci_devices.push_back(read_pci_id(element));
}

void read_device(const Field& field, ServiceConfiguration& service) {
    static constexpr std::array keys{Key<ServiceConfiguration>{"pci", Presence::required, read_pci}};
    ObjectSchema<ServiceConfiguration>(keys).read(field, service);
}

// ---- restart

void read_policy(const Field& field, Restart& restart) {
    static constexpr std::array<std::string_view, 3> names{"always", "never", "shutdown"};
    restart.policy = static_cast<RestartPolicy>(field.choice(names));
}
static_assert(static_cast<int>(RestartPolicy::always) == 0 && static_cast<int>(RestartPolicy::never) == 1 &&
              static_cast<int>(RestartPolicy::shutdown) == 2);

void read_give_up(const Field& field, Restart& restart) {
    static constexpr std::array keys{Key<GiveUp>{"deaths", Presence::required,
                                                 [](const Field& f, GiveUp& give_up) {
                                                     give_up.deaths = static_cast<std::uint32_t>(f.number(1, 1000));
                                                 }},
                                     Key<GiveUp>{"seconds", Presence::required, [](const Field& f, GiveUp& give_up) {
                                                     give_up.within = {f.number(1, 3600) * 1'000'000'000};
                                                 }}};
    ObjectSchema<GiveUp>(keys).read(field, restart.give_up.emplace());
}

void read_restart(const Field& field, ServiceConfiguration& service) {
    static constexpr std::array keys{
        Key<Restart>{"policy", Presence::required, read_policy},
        Key<Restart>{"backoff_ms", Presence::optional,
                     [](const Field& f, Restart& restart) { restart.backoff = milliseconds_of(f, 1, 3000); }},
        Key<Restart>{"give_up_after", Presence::optional, read_give_up}};
    ObjectSchema<Restart>(keys).read(field, service.restart);
}

// ---- the rest

void read_arguments(const Field& field, ServiceConfiguration& service) {
    constexpr std::string_view allowed = "a list of at most 16 strings";
    for (const Field& element : field.list(16, allowed)) service.arguments.push_back(element.text(128, allowed));
}

void read_start(const Field& field, ServiceConfiguration& service) {
    static constexpr std::array<std::string_view, 2> names{"boot", "on_request"};
    service.start = field.choice(names) == 0 ? StartMode::boot : StartMode::on_request;
}

using ServiceKey = Key<ServiceConfiguration>;
using Service = ServiceConfiguration;

constexpr std::array keys{
    ServiceKey{"label", Presence::required,
               [](const Field& f, Service& service) { service.label = Name(label_text(f)); }},
    ServiceKey{"program", Presence::required,
               [](const Field& f, Service& service) { service.program = label_text(f); }},
    ServiceKey{"priority", Presence::required,
               [](const Field& f, Service& service) {
                   service.priority = static_cast<std::uint8_t>(f.number(1, priority_count - 1));
               }},
    ServiceKey{"quantum_ms", Presence::optional,
               [](const Field& f, Service& service) {
                   service.quantum_milliseconds = static_cast<std::uint32_t>(f.number(1, 1000));
               }},
    ServiceKey{"may_call", Presence::optional, read_may_call},
    ServiceKey{"may_notify", Presence::optional,
               [](const Field& f, Service& service) { service.may_notify = labels(f); }},
    ServiceKey{"kernel_calls", Presence::required, read_kernel_calls},
    ServiceKey{"control", Presence::optional, read_control},
    ServiceKey{"magic_grants", Presence::optional, read_magic_grants},
    ServiceKey{"interrupts", Presence::optional, read_interrupts},
    ServiceKey{"io_ports", Presence::optional, read_io_ports},
    ServiceKey{"device_memory", Presence::optional, read_device_memory},
    ServiceKey{"device", Presence::optional, read_device},
    ServiceKey{"memory_budget_kib", Presence::required,
               [](const Field& f, Service& service) { service.budget_pages = pages_of_kib(f, 64); }},
    ServiceKey{"preserved_kib", Presence::optional,
               [](const Field& f, Service& service) { service.preserved_pages = pages_of_kib(f, 0); }},
    ServiceKey{"contiguous_kib", Presence::optional,
               [](const Field& f, Service& service) { service.contiguous_pages = pages_of_kib(f, 0); }},
    ServiceKey{"restart", Presence::optional, read_restart},
    ServiceKey{"heartbeat_ms", Presence::optional,
               [](const Field& f, Service& service) { service.heartbeat = milliseconds_of(f, 0, 60'000); }},
    ServiceKey{"start", Presence::optional, read_start},
    ServiceKey{"arguments", Presence::optional, read_arguments},
};

void check_whole(std::string_view file_name, const ServiceConfiguration& service) {
    if (file_name != std::format("{}.conf", service.label.view()))
        throw FieldError(std::format("label: \"{}\" is not the file's name; allowed: the label of LABEL.conf",
                                     service.label.view()));
    if (service.interrupt_source == InterruptSource::device && service.pci_devices.empty())
        throw FieldError(
            "interrupts: there is no device to take them from; allowed: \"from device\" with a \"device\"");
    if (service.preserved_pages + service.contiguous_pages >= service.budget_pages)
        throw FieldError("memory_budget_kib: leaves nothing beside preserved_kib and contiguous_kib; allowed: more");
}

} // namespace

std::expected<ServiceConfiguration, Problem> parse(std::string_view file_name, std::string_view text) {
    const auto problem = [&](std::string_view what) {
        return std::unexpected(Problem{std::format("{}: {}", file_name, what)});
    };
    if (text.size() > file_bytes_limit) return problem(std::format("is longer than {} bytes", file_bytes_limit));
    try {
        const nlohmann::json document = parse_without_duplicates(text);
        ServiceConfiguration service;
        ObjectSchema<ServiceConfiguration>(keys).read(Field("", document), service);
        check_whole(file_name, service);
        return service;
    } catch (const nlohmann::json::exception& error) {
        return problem(error.what());
    } catch (const FieldError& error) {
        return problem(error.what());
    }
}

} // namespace tessera::configuration
