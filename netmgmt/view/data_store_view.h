// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What DS stores.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tessera::netmgmt {

enum class DataType : std::uint8_t { u32, string, label, memory, map };

/// What a peer may publish; labels are RS's, and maps are the memory of services.
enum class PublishedType : std::uint8_t { u32, string, memory };

/// What has bytes to read.
enum class RangeType : std::uint8_t { memory, map };

using DataBytes = std::vector<std::byte>;

/// The number of a u32, of a label's endpoint or of the bytes of memory or a map, or the text of a string.
using DataValue = std::variant<std::uint32_t, std::string>;

/// The alternative decides the type.
using PublishedValue = std::variant<std::uint32_t, std::string, DataBytes>;

struct DataEntry {
    std::string key;
    DataType type = DataType::u32;
    std::string owner;
    DataValue value;
    std::optional<std::uint32_t> snapshots; ///< of a map: how many were taken
};

inline constexpr std::uint32_t data_read_limit = 1024; ///< bytes at once

/// A part of a memory or map entry, or of a snapshot of a map.
struct DataPart {
    std::string key;
    std::optional<RangeType> type; ///< without one, the first that there is
    std::optional<std::uint32_t> snapshot;
    std::uint32_t offset = 0;
    std::uint32_t limit = data_read_limit;
};

struct DataContents {
    std::uint32_t bytes = 0; ///< of the whole
    DataBytes part;
};

enum class Overwrite : std::uint8_t { refuse, allow };

class DataStoreView {
public:
    /// Only keys that begin with `prefix`. Positions are slots of DS's table.
    virtual ListResult list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) = 0;
    /// ESRCH when there is none; without a type the first of that key.
    virtual SystemResult<DataEntry> get(const std::string& key, std::optional<DataType> type) = 0;
    /// EEXIST, EINVAL, ENOSPC, EPERM.
    virtual SystemResult<void> publish(const std::string& key, const PublishedValue& value, Overwrite overwrite) = 0;
    /// ESRCH, EPERM.
    virtual SystemResult<void> remove(const std::string& key, std::optional<DataType> type) = 0;
    /// ESRCH, ENOENT: no such snapshot. At most data_read_limit bytes.
    virtual SystemResult<DataContents> read(const DataPart& part) = 0;
    /// The number of the new snapshot. ESRCH, ENOSPC.
    virtual SystemResult<std::uint32_t> snapshot(const std::string& key) = 0;

protected:
    ~DataStoreView() = default;
};

} // namespace tessera::netmgmt
