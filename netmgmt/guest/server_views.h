// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What VM, DS and RS tell, by messages.

#include "netmgmt/view/system_view.h"
#include "servers/protocols/ds.h"
#include "servers/runtime/grants.h"
#include "servers/runtime/service_connection.h"
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

/// Keys and values move by grants that live as long as one request.
class GuestDataStore final : public DataStoreView {
public:
    explicit GuestDataStore(runtime::GrantTable& grants) : grants_(grants) {}

    ListResult list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) override;
    SystemResult<DataEntry> get(const std::string& key, std::optional<DataType> type) override;
    SystemResult<void> publish(const std::string& key, const DataValue& value, Overwrite overwrite) override;
    SystemResult<void> remove(const std::string& key, std::optional<DataType> type) override;

private:
    using Connection = runtime::ServiceConnection<protocol::ds::DsProtocol>;

    Result<DataEntry> get_number(const std::string& key, protocol::ds::EntryType type);
    Result<DataEntry> get_string(const std::string& key);
    Result<DataEntry> get_one(const std::string& key, DataType type);
    Result<protocol::ds::EntryNext::Reply> entry_at(std::uint64_t index);

    runtime::GrantTable& grants_;
    Connection ds_{"ds", protocol::rs::LookupWait::answer_now};
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
