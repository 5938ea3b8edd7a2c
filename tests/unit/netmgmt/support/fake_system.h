// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A system on tables: lists of any length, made entry by entry, and whatever failure a test wants.

#include "netmgmt/view/system_view.h"
#include "tests/unit/netmgmt/support/fake_grants.h"

#include <functional>
#include <map>

namespace tessera::netmgmt::test {

class FakeSystem final : MachineView,
                         ProcessView,
                         MemoryView,
                         DataStoreView,
                         ServiceView,
                         KernelView,
                         LogView,
                         FaultView,
                         TraceView,
                         InterruptView {
public:
    FakeSystem();

    [[nodiscard]] SystemView view() {
        return {*this, *this, *this, *this, grants, *this, *this, *this, *this, *this, *this};
    }

    std::uint64_t processes = 8; ///< and as many regions and log entries
    std::uint64_t visited = 0;   ///< entries that lists made so far
    std::uint64_t first_log_entry = 0;
    std::size_t log_text_bytes = 10;
    std::optional<MachineStop> stopped;
    std::vector<TraceClass> recorded;    ///< classes that the last trace.start asked for
    std::uint64_t first_trace_entry = 1; ///< what came before was overwritten

    /// Called first by every view; a test may make it fail or throw.
    std::function<SystemResult<void>()> interfere = [] { return SystemResult<void>(); };

    /// netmgmt has four grants of itself, one of them to the console, which passes it on to e1000,
    /// which maps it.
    FakeGrants grants;

private:
    template <class Entry, class Make>
    ListResult visit_all(Range range, std::uint64_t count, Visitor<Entry>& visitor, Make&& make);

    SystemResult<MachineInfo> info() override;
    SystemResult<Uptime> uptime() override;
    SystemResult<void> may_stop() override;
    void stop(MachineStop how) override { stopped = how; }

    ListResult list(Range range, Visitor<ProcessEntry>& visitor) override;
    SystemResult<ProcessDetail> get(EndpointNumber endpoint) override;

    SystemResult<MemoryStatistics> statistics() override;
    SystemResult<MemoryCheck> check() override;
    ListResult slabs(Range range, Visitor<SlabEntry>& visitor) override;
    ListResult sharing_groups(Range range, Visitor<SharingGroup>& visitor) override;
    ListResult sharing_runs(Range range, Visitor<SharingRun>& visitor) override;
    SystemResult<FreeTotals> free_ranges(Range range, Visitor<FreeRange>& visitor) override;
    SystemResult<ProcessMemory> process(EndpointNumber endpoint) override;
    ListResult regions(EndpointNumber endpoint, Range range, Visitor<RegionEntry>& visitor) override;

    ListResult list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) override;
    SystemResult<DataEntry> get(const std::string& key, std::optional<DataType> type) override;
    SystemResult<void> publish(const std::string& key, const PublishedValue& value, Overwrite overwrite) override;
    SystemResult<void> remove(const std::string& key, std::optional<DataType> type) override;
    SystemResult<DataContents> read(const DataPart& part) override;
    SystemResult<std::uint32_t> snapshot(const std::string& key) override;

    ListResult list(Range range, Visitor<ServiceEntry>& visitor) override;
    SystemResult<RestartBegun> restart(const std::string& label) override;

    SystemResult<KernelCounters> counters() override;
    ListResult calls(Range range, Visitor<KernelCallEntry>& visitor) override;
    SystemResult<Counter> messages(Range range, Visitor<MessagePair>& visitor) override;

    SystemResult<Sequence> record(const std::vector<TraceClass>& classes) override;
    SystemResult<Counter> read(Range range, Visitor<TraceEntry>& visitor) override;

    SystemResult<Counter> read(Range range, Visitor<LogEntry>& visitor) override;

    SystemResult<std::uint32_t> arm(const FaultPlan& plan) override;
    ListResult list(Range range, Visitor<FaultEntry>& visitor) override;
    SystemResult<FaultState> disarm(std::uint32_t fault) override;

    ListResult list(Range range, Visitor<InterruptLineEntry>& visitor) override;

    [[nodiscard]] bool exists(EndpointNumber endpoint) const;

    std::map<std::string, DataEntry> data_;
    std::map<std::string, DataBytes> contents_; ///< of memory and maps in data_
    std::map<std::string, std::vector<DataBytes>> snapshots_;
    std::vector<ServiceEntry> services_;
    std::vector<FaultEntry> faults_;
};

} // namespace tessera::netmgmt::test
