// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What VM, DS and RS tell, by messages.

#include "netmgmt/view/system_view.h"
#include "servers/runtime/data_store.h"
#include <array>

namespace tessera::netmgmt::guest {

class GuestMemory final : public MemoryView {
public:
    SystemResult<MemoryStatistics> statistics() override;
    SystemResult<ProcessMemory> process(EndpointNumber endpoint) override;
    ListResult regions(EndpointNumber endpoint, Range range, Visitor<RegionEntry>& visitor) override;
    SystemResult<MemoryCheck> check() override;
    ListResult slabs(Range range, Visitor<SlabEntry>& visitor) override;
    ListResult sharing_groups(Range range, Visitor<SharingGroup>& visitor) override;
    ListResult sharing_runs(Range range, Visitor<SharingRun>& visitor) override;
    SystemResult<FreeTotals> free_ranges(Range range, Visitor<FreeRange>& visitor) override;
};

class GuestDataStore final : public DataStoreView {
public:
    explicit GuestDataStore(runtime::GrantTable& grants) : ds_(grants, protocol::rs::LookupWait::answer_now) {}

    ListResult list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) override;
    SystemResult<DataEntry> get(const std::string& key, std::optional<DataType> type) override;
    SystemResult<void> publish(const std::string& key, const PublishedValue& value, Overwrite overwrite) override;
    SystemResult<void> remove(const std::string& key, std::optional<DataType> type) override;
    SystemResult<DataContents> read(const DataPart& part) override;
    SystemResult<std::uint32_t> snapshot(const std::string& key) override;

private:
    Result<DataEntry> get_one(const std::string& key, DataType type);
    Result<std::size_t> read_into(std::span<std::byte> target, const DataPart& part, RangeType type);

    runtime::DataStore ds_;
    std::array<char, protocol::ds::key_limit> key_{};
    std::array<char, protocol::ds::string_limit> value_{};
};

class GuestServices final : public ServiceView {
public:
    ListResult list(Range range, Visitor<ServiceEntry>& visitor) override;
    SystemResult<RestartBegun> restart(const std::string& label) override;
};

class GuestFaults final : public FaultView {
public:
    SystemResult<std::uint32_t> arm(const FaultPlan& plan) override;
    ListResult list(Range range, Visitor<FaultEntry>& visitor) override;
    SystemResult<FaultState> disarm(std::uint32_t fault) override;
};

} // namespace tessera::netmgmt::guest
