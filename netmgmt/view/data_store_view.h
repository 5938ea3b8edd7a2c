// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What DS stores.

#include "netmgmt/view/listing.h"
#include "netmgmt/view/quantities.h"

#include <optional>
#include <string>
#include <variant>

namespace tessera::netmgmt {

enum class DataType : std::uint8_t { u32, string, label };

/// What a peer may publish; labels are RS's.
enum class PublishedType : std::uint8_t { u32, string };

/// The number of a u32 or of a label's endpoint, or the text of a string.
using DataValue = std::variant<std::uint32_t, std::string>;

struct DataEntry {
    std::string key;
    DataType type = DataType::u32;
    std::string owner;
    DataValue value;
};

enum class Overwrite : std::uint8_t { refuse, allow };

class DataStoreView {
public:
    /// Only keys that begin with `prefix`. Positions are slots of DS's table.
    virtual ListResult list(const std::string& prefix, Range range, Visitor<DataEntry>& visitor) = 0;
    /// ESRCH when there is none; without a type the first of that key.
    virtual SystemResult<DataEntry> get(const std::string& key, std::optional<DataType> type) = 0;
    /// EEXIST, EINVAL, ENOMEM, EPERM. The value's alternative decides the type.
    virtual SystemResult<void> publish(const std::string& key, const DataValue& value, Overwrite overwrite) = 0;
    /// ESRCH, EPERM.
    virtual SystemResult<void> remove(const std::string& key, std::optional<DataType> type) = 0;

protected:
    ~DataStoreView() = default;
};

} // namespace tessera::netmgmt
