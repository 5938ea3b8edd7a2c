// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/support/fake_system.h"

#include "kernel/abi/kernel_call_table.h"
#include "netmgmt/decode/trace_entry.h"
#include "servers/protocols/vm.h"

#include <algorithm>
#include <format>

namespace tessera::netmgmt::test {
namespace {

constexpr std::uint32_t first_generation = 1 << 12;
constexpr std::array<const char*, 7> labels{"vm", "rs", "ds", "pm", "console", "e1000", "netmgmt"};

std::unexpected<SystemError> refused(std::string_view name, std::string_view where) {
    return std::unexpected(SystemError{Refusal::refused, name, where});
}

EndpointNumber endpoint_of(std::uint64_t slot) { return {static_cast<std::uint32_t>(first_generation | slot)}; }

std::string name_of(std::uint64_t slot) { return slot < labels.size() ? labels[slot] : std::format("process{}", slot); }

ProcessEntry process_at(std::uint64_t slot) {
    return {.endpoint = endpoint_of(slot),
            .slot = static_cast<std::uint32_t>(slot),
            .generation = 1,
            .name = name_of(slot),
            .state = ProcessState::receiving,
            .waits_for = "any",
            .priority = 2,
            .processor_time = {1'000'000 + slot},
            .messages = {3 * slot},
            .faults = {slot},
            .service = slot < labels.size()};
}

RegionEntry region_at(std::uint64_t index) {
    return {.start = {0x400000 + index * 4096},
            .bytes = {4096},
            .read = true,
            .write = index % 2 == 1,
            .execute = index % 2 == 0,
            .kind = index % 2 == 0 ? RegionKind::code : RegionKind::data,
            .resident_pages = {1}};
}

tessera::Endpoint raw_endpoint_of(std::uint64_t slot) { return {static_cast<std::uint32_t>(slot), 1}; }

tessera::GrantEntry grant_at(std::uint32_t index) {
    return {.kind = tessera::GrantKind::direct,
            .rights = tessera::GrantRights::read | tessera::GrantRights::write,
            .grantee = index % 2 == 1 ? tessera::endpoints::any : raw_endpoint_of(index == 0 ? 4 : 5),
            .source = {},
            .previous = {},
            .address = 0x200000 + index * 8192,
            .bytes = 8192,
            .uses = 5};
}

LogEntry log_at(std::uint64_t sequence, std::size_t text_bytes) {
    return {.sequence = {sequence},
            .nanoseconds = {sequence * 1'000'000},
            .level = LogLevel::information,
            .source = "rs",
            .text = std::string(text_bytes, 'x')};
}

} // namespace

FakeSystem::FakeSystem()
    : grants(interfere, [](tessera::Endpoint endpoint) {
          return endpoint == tessera::endpoints::any ? "any" : name_of(endpoint.slot());
      }) {
    for (std::uint64_t slot = 0; slot < processes; ++slot) grants.tables[raw_endpoint_of(slot)];
    for (std::uint32_t index = 0; index < 4; ++index) grants.tables[raw_endpoint_of(6)][index] = grant_at(index);
    grants.tables[raw_endpoint_of(4)][1] = {.kind = tessera::GrantKind::indirect,
                                            .rights = tessera::GrantRights::read,
                                            .grantee = raw_endpoint_of(5),
                                            .source = raw_endpoint_of(6),
                                            .previous = tessera::GrantId{0, 1},
                                            .address = 4096,
                                            .bytes = 8192,
                                            .uses = 3};
    grants.mapped[raw_endpoint_of(5)] = {
        {.map = {.address = {0x10'0000'0000},
                 .bytes = 4096,
                 .source = {0x201000},
                 .owner = raw_endpoint_of(6),
                 .grantor = raw_endpoint_of(4),
                 .grant = tessera::GrantId{1, 1},
                 .protection = tessera::protocol::vm::Protection::read,
                 .hop_count = 2},
         .hops = {{raw_endpoint_of(4), tessera::GrantId{1, 1}}, {raw_endpoint_of(6), tessera::GrantId{0, 1}}}}};
    grants.users = {raw_endpoint_of(7)};
    grants.magicians = {raw_endpoint_of(3)};
    for (std::uint32_t slot = 0; slot < labels.size(); ++slot) {
        services_.push_back({.label = labels[slot],
                             .endpoint = endpoint_of(slot),
                             .state = ServiceState::running,
                             .uptime = {5'000'000'000},
                             .priority = slot,
                             .heartbeat_ms = 1000});
        data_[labels[slot]] = {labels[slot], DataType::label, "rs", endpoint_of(slot).value, {}};
    }
    data_["net.address"] = {"net.address", DataType::string, "netmgmt", std::string("10.0.2.15"), {}};
    contents_["demo.bytes"] = {std::byte{'h'}, std::byte{'e'}, std::byte{'l'}, std::byte{'l'}, std::byte{'o'}};
    data_["demo.bytes"] = {"demo.bytes", DataType::memory, "pm", 5u, {}};
    contents_["demo.map"] = DataBytes(4096, std::byte{0xa5});
    data_["demo.map"] = {"demo.map", DataType::map, "pm", 4096u, 0u};
}

template <class Entry, class Make>
ListResult FakeSystem::visit_all(Range range, std::uint64_t count, Visitor<Entry>& visitor, Make&& make) {
    if (auto allowed = interfere(); !allowed) return allowed;
    for (std::uint64_t position = range.from.value; position < count; ++position) {
        ++visited;
        if (visitor.visit(Position{position}, make(position)) == Visit::stop) break;
    }
    return {};
}

bool FakeSystem::exists(EndpointNumber endpoint) const {
    return endpoint.value >= first_generation && endpoint.value - first_generation < processes;
}

SystemResult<MachineInfo> FakeSystem::info() {
    return interfere().transform([] {
        return MachineInfo{.processor = "host",
                           .processor_features = {"nx", "smep"},
                           .memory = {64 << 20},
                           .command_line = "mode=open",
                           .firmware = Firmware::uefi};
    });
}

SystemResult<Uptime> FakeSystem::uptime() {
    return interfere().transform([] { return Uptime{{5'000'000'000}, {18'446'744'073'709'551'615U}, {310'000'000}}; });
}

SystemResult<void> FakeSystem::may_stop() { return interfere(); }

ListResult FakeSystem::list(Range range, Visitor<ProcessEntry>& visitor) {
    return visit_all(range, processes, visitor, process_at);
}

SystemResult<ProcessDetail> FakeSystem::get(EndpointNumber endpoint) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    if (!exists(endpoint)) return refused("ESRCH", "kernel");
    ProcessDetail detail{process_at(endpoint.value - first_generation)};
    detail.privileges = {{"safecopy"}, {"vm", "rs"}, {11}, {{0x60, 0x64}}, {{{0xfebc0000}, {131072}}}};
    detail.instruction_pointer = {0x401a20};
    detail.kernel_calls = {31};
    return detail;
}

SystemResult<MemoryStatistics> FakeSystem::statistics() {
    return interfere().transform([] {
        return MemoryStatistics{.page_bytes = {4096}, .total_pages = {16384}, .free_pages = {12000}, .spaces = 8};
    });
}

SystemResult<ProcessMemory> FakeSystem::process(EndpointNumber endpoint) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    if (!exists(endpoint)) return refused("ESRCH", "vm");
    return ProcessMemory{.endpoint = endpoint, .name = name_of(endpoint.value - first_generation), .regions = 6};
}

ListResult FakeSystem::regions(EndpointNumber endpoint, Range range, Visitor<RegionEntry>& visitor) {
    if (!exists(endpoint)) return refused("ESRCH", "vm");
    return visit_all(range, processes, visitor, region_at);
}

SystemResult<MemoryCheck> FakeSystem::check() {
    return interfere().transform([] { return MemoryCheck{.pages = {16384}, .checks = {1}}; });
}

ListResult FakeSystem::slabs(Range range, Visitor<SlabEntry>& visitor) {
    return visit_all(range, 2, visitor, [](std::uint64_t index) {
        return SlabEntry{.name = index == 0 ? "regions" : "spaces", .object_bytes = 72, .objects = 3};
    });
}

ListResult FakeSystem::sharing_groups(Range range, Visitor<SharingGroup>& visitor) {
    return visit_all(range, processes, visitor, [](std::uint64_t index) {
        return SharingGroup{.reason = SharingReason::fork,
                            .processes = {{endpoint_of(index), name_of(index)}, {endpoint_of(index + 1), "child"}},
                            .pages = {index + 1},
                            .shared_memory = {}};
    });
}

ListResult FakeSystem::sharing_runs(Range range, Visitor<SharingRun>& visitor) {
    return visit_all(range, processes, visitor, [](std::uint64_t index) {
        const bool shared = index % 2 == 1;
        return SharingRun{.reason = shared ? SharingReason::shared_memory : SharingReason::image,
                          .processes = {{endpoint_of(1), name_of(1)}, {endpoint_of(2), name_of(2)}},
                          .start = shared ? std::nullopt : std::optional(Address{0x400000 + index * 4096}),
                          .pages = {1},
                          .shared_memory = shared ? std::optional(ObjectIdentity{index}) : std::nullopt};
    });
}

SystemResult<FreeTotals> FakeSystem::free_ranges(Range range, Visitor<FreeRange>& visitor) {
    const auto listed = visit_all(range, processes, visitor, [](std::uint64_t index) {
        return FreeRange{.base = {0x100000 + index * 0x10000}, .pages = {3}};
    });
    if (!listed) return std::unexpected(listed.error());
    return FreeTotals{{3 * processes}, {3}, static_cast<std::uint32_t>(processes)};
}

ListResult FakeSystem::list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) {
    std::vector<DataEntry> matching;
    for (const auto& [key, entry] : data_) {
        if (key.starts_with(prefix)) matching.push_back(entry);
    }
    return visit_all(range, matching.size(), visitor, [&](std::uint64_t index) { return matching[index]; });
}

SystemResult<DataEntry> FakeSystem::get(const std::string& key, std::optional<DataType> type) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    auto found = data_.find(key);
    if (found == data_.end() || (type && *type != found->second.type)) return refused("ESRCH", "ds");
    return found->second;
}

SystemResult<void> FakeSystem::publish(const std::string& key, const PublishedValue& value, Overwrite overwrite) {
    if (auto allowed = interfere(); !allowed) return allowed;
    if (data_.contains(key) && overwrite == Overwrite::refuse) return refused("EEXIST", "ds");
    if (const auto* bytes = std::get_if<DataBytes>(&value)) {
        data_[key] = {key, DataType::memory, "netmgmt", static_cast<std::uint32_t>(bytes->size()), {}};
        contents_[key] = *bytes;
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        data_[key] = {key, DataType::string, "netmgmt", *text, {}};
    } else {
        data_[key] = {key, DataType::u32, "netmgmt", std::get<std::uint32_t>(value), {}};
    }
    return {};
}

SystemResult<DataContents> FakeSystem::read(const DataPart& part) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    const auto found = contents_.find(part.key);
    if (found == contents_.end()) return refused("ESRCH", "ds");
    const auto type = data_.at(part.key).type == DataType::map ? RangeType::map : RangeType::memory;
    if (part.type && *part.type != type) return refused("ESRCH", "ds");
    const DataBytes* bytes = &found->second;
    if (part.snapshot) {
        const auto& taken = snapshots_[part.key];
        if (*part.snapshot >= taken.size()) return refused("ENOENT", "ds");
        bytes = &taken[*part.snapshot];
    }
    const std::size_t from = std::min<std::size_t>(part.offset, bytes->size());
    const std::size_t count = std::min<std::size_t>(part.limit, bytes->size() - from);
    const auto first = bytes->begin() + static_cast<std::ptrdiff_t>(from);
    return DataContents{static_cast<std::uint32_t>(bytes->size()),
                        DataBytes(first, first + static_cast<std::ptrdiff_t>(count))};
}

SystemResult<std::uint32_t> FakeSystem::snapshot(const std::string& key) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    const auto found = data_.find(key);
    if (found == data_.end() || found->second.type != DataType::map) return refused("ESRCH", "ds");
    snapshots_[key].push_back(contents_.at(key));
    found->second.snapshots = static_cast<std::uint32_t>(snapshots_[key].size());
    return *found->second.snapshots - 1;
}

SystemResult<void> FakeSystem::remove(const std::string& key, std::optional<DataType> type) {
    if (auto allowed = interfere(); !allowed) return allowed;
    auto found = data_.find(key);
    if (found == data_.end() || (type && *type != found->second.type)) return refused("ESRCH", "ds");
    if (found->second.type == DataType::label) return refused("EPERM", "ds");
    data_.erase(found);
    return {};
}

ListResult FakeSystem::list(Range range, Visitor<ServiceEntry>& visitor) {
    return visit_all(range, services_.size(), visitor, [&](std::uint64_t index) { return services_[index]; });
}

SystemResult<RestartBegun> FakeSystem::restart(const std::string& label) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    auto service = std::ranges::find(services_, label, &ServiceEntry::label);
    if (service == services_.end()) return refused("ESRCH", "rs");
    const EndpointNumber old = *service->endpoint;
    service->endpoint->value += first_generation;
    ++service->restarts;
    service->last_reason = "killed";
    return RestartBegun{label, old};
}

ListResult FakeSystem::list(Range range, Visitor<InterruptLineEntry>& visitor) {
    return visit_all(range, 16, visitor, [](std::uint64_t line) {
        InterruptLineEntry entry{.line = static_cast<std::uint32_t>(line), .raised = {line}, .delivered = {line}};
        if (line % 2 == 1) entry.owner = endpoint_of(line), entry.owner_name = name_of(line);
        return entry;
    });
}

SystemResult<KernelCounters> FakeSystem::counters() {
    return interfere().transform([] {
        KernelCounters counters{.messages = {9'007'199'254'740'993}, .timestamp_counter = {12345}};
        counters.calls = {{"safecopy", {7}}, {"set_alarm", {8}}};
        return counters;
    });
}

ListResult FakeSystem::calls(Range range, Visitor<KernelCallEntry>& visitor) {
    return visit_all(range, KernelCallTable::size, visitor, [](std::uint64_t number) {
        KernelCallTimes times;
        if (number == 0) times = {.runs = 3, .least = {60}, .most = {300}, .buckets = {0, 0, 0, 0, 0, 2, 0, 0, 1}};
        KernelCallEntry entry = with_times(times);
        entry.name = kernel_call_name(number);
        entry.number = static_cast<std::uint32_t>(number);
        entry.count = {10 * number};
        entry.errors = {number};
        return entry;
    });
}

SystemResult<Counter> FakeSystem::messages(Range range, Visitor<MessagePair>& visitor) {
    auto make = [](std::uint64_t index) {
        return MessagePair{endpoint_of(6), "netmgmt", endpoint_of(index), name_of(index), {index + 1}, {2}};
    };
    return visit_all(range, 3, visitor, make).transform([] { return Counter{5}; });
}

SystemResult<Sequence> FakeSystem::record(const std::vector<TraceClass>& classes) {
    return interfere().transform([&] {
        recorded = classes;
        return Sequence{first_trace_entry};
    });
}

SystemResult<Counter> FakeSystem::read(Range range, Visitor<TraceEntry>& visitor) {
    const TimeScale scale{.at_entry = {1000}, .ticks_per_second = 1'000'000};
    const std::uint64_t wanted = range.from.value;
    range.from.value = std::max(wanted, first_trace_entry);
    auto make = [&](std::uint64_t sequence) {
        const tessera::TraceEntry raw{.sequence = sequence,
                                      .time = {1000 + sequence},
                                      .kind = TraceKind::kernel_call,
                                      .number = 3,
                                      .from = tessera::Endpoint{2, 1},
                                      .second = 80};
        return decoded(raw, scale, [](tessera::Endpoint endpoint) { return name_of(endpoint.slot()); });
    };
    const std::uint64_t lost = wanted == 0 ? 0 : range.from.value - wanted;
    return visit_all(range, first_trace_entry + processes, visitor, make).transform([&] { return Counter{lost}; });
}

SystemResult<Counter> FakeSystem::read(Range range, Visitor<LogEntry>& visitor) {
    const std::uint64_t dropped = first_log_entry > range.from.value ? first_log_entry - range.from.value : 0;
    range.from.value += dropped;
    auto make = [&](std::uint64_t sequence) { return log_at(sequence, log_text_bytes); };
    return visit_all(range, first_log_entry + processes, visitor, make).transform([&] { return Counter{dropped}; });
}

SystemResult<std::uint32_t> FakeSystem::arm(const FaultPlan& plan) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    if (std::ranges::find(services_, plan.target, &ServiceEntry::label) == services_.end())
        return refused("ESRCH", "rs");
    const auto number = static_cast<std::uint32_t>(faults_.size());
    faults_.push_back({.fault = number, .target = plan.target, .model = plan.model});
    return number;
}

ListResult FakeSystem::list(Range range, Visitor<FaultEntry>& visitor) {
    return visit_all(range, faults_.size(), visitor, [&](std::uint64_t index) { return faults_[index]; });
}

SystemResult<FaultState> FakeSystem::disarm(std::uint32_t fault) {
    if (auto allowed = interfere(); !allowed) return std::unexpected(allowed.error());
    if (fault >= faults_.size()) return refused("ESRCH", "rs");
    faults_[fault].state = FaultState::disarmed;
    return faults_[fault].state;
}

} // namespace tessera::netmgmt::test
