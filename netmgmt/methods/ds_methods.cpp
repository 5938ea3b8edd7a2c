// SPDX-License-Identifier: BSD-3-Clause
// ds.*: what the data store holds.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/hexadecimal.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {
namespace {

constexpr Bounds key_bytes{1, 4096};

struct List : ListParameters {
    std::string prefix;
};

struct OneEntry {
    std::string key;
    std::optional<DataType> type;
};

struct Contents {
    std::uint32_t bytes = 0;
    std::string contents;
};

struct OneKey {
    std::string key;
};

struct SnapshotTaken {
    std::uint32_t snapshot = 0;
};

struct Publish {
    std::string key;
    PublishedType type = PublishedType::u32;
    DataValue value;
    bool overwrite = false;
};

} // namespace

template <> struct EnumNames<DataType> {
    static constexpr std::array<std::string_view, 5> names{"u32", "string", "label", "memory", "map"};
};

template <> struct EnumNames<PublishedType> {
    static constexpr std::array<std::string_view, 3> names{"u32", "string", "memory"};
};

template <> struct EnumNames<RangeType> {
    static constexpr std::array<std::string_view, 2> names{"memory", "map"};
};

template <> struct Shape<DataEntry> {
    static constexpr std::tuple members{
        member("key", &DataEntry::key, ""),
        member("type", &DataEntry::type, ""),
        member("owner", &DataEntry::owner, "name of the process that published it"),
        member("value", &DataEntry::value,
               "integer of a u32, text of a string, endpoint of a label, length of memory or a map in bytes"),
        member("snapshots", &DataEntry::snapshots,
               "how many were taken of a map, of which the last five are kept; null for other types"),
    };
};

template <> struct Shape<List> {
    static constexpr auto members =
        with_list_members(optional_member("prefix", &List::prefix, "only keys that begin with it"));
};

template <> struct Shape<OneEntry> {
    static constexpr std::tuple members{
        member("key", &OneEntry::key, "", key_bytes),
        optional_member("type", &OneEntry::type, "when several types share the key"),
    };
};

template <> struct Shape<DataPart> {
    static constexpr std::tuple members{
        member("key", &DataPart::key, "", key_bytes),
        optional_member("type", &DataPart::type, "when both share the key"),
        optional_member("snapshot", &DataPart::snapshot, "of a map: as it was then, not as it is"),
        optional_member("offset", &DataPart::offset, "where to begin"),
        optional_member("limit", &DataPart::limit, "how many bytes at most", Bounds{1, data_read_limit}),
    };
};

template <> struct Shape<Contents> {
    static constexpr std::tuple members{
        member("bytes", &Contents::bytes, "length of the whole"),
        member("contents", &Contents::contents, "two hexadecimal digits a byte; empty at and after the end"),
    };
};

template <> struct Shape<OneKey> {
    static constexpr std::tuple members{member("key", &OneKey::key, "", key_bytes)};
};

template <> struct Shape<SnapshotTaken> {
    static constexpr std::tuple members{
        member("snapshot", &SnapshotTaken::snapshot, "its number, from 0 on"),
    };
};

template <> struct Shape<Publish> {
    static constexpr std::tuple members{
        member("key", &Publish::key, "", key_bytes),
        member("type", &Publish::type, ""),
        member("value", &Publish::value,
               "an integer for u32, a string for string, two hexadecimal digits a byte for memory (a request has room "
               "for 2,048 bytes)"),
        optional_member("overwrite", &Publish::overwrite, "replace the value of an entry that is there"),
    };
};

namespace {

Outcome<Nothing> list(Call& call, const List& parameters, Range range, Visitor<DataEntry>& visitor) {
    return listed(call.system.data_store.list(parameters.prefix, range, visitor));
}

Outcome<DataEntry> get(Call& call, const OneEntry& parameters) {
    return from_system(call.system.data_store.get(parameters.key, parameters.type));
}

// Nothing: the value is not of the type.
std::optional<PublishedValue> published_value(const Publish& parameters) {
    const auto* text = std::get_if<std::string>(&parameters.value);
    if ((text == nullptr) != (parameters.type == PublishedType::u32)) return std::nullopt;
    if (text == nullptr) return std::get<std::uint32_t>(parameters.value);
    if (parameters.type == PublishedType::string) return *text;
    return bytes_of_hexadecimal(*text);
}

Outcome<Nothing> publish(Call& call, const Publish& parameters) {
    const auto value = published_value(parameters);
    if (!value) return std::unexpected(invalid_parameters({"value", "is not of the type that `type` names"}));
    const auto overwrite = parameters.overwrite ? Overwrite::allow : Overwrite::refuse;
    return done(call.system.data_store.publish(parameters.key, *value, overwrite));
}

Outcome<Contents> read(Call& call, const DataPart& parameters) {
    const auto found = call.system.data_store.read(parameters);
    if (!found.has_value()) return from_system<Contents>(std::unexpected(found.error()));
    return Contents{.bytes = found->bytes, .contents = hexadecimal_of(found->part)};
}

Outcome<SnapshotTaken> snapshot(Call& call, const OneKey& parameters) {
    return from_system(call.system.data_store.snapshot(parameters.key).transform([](std::uint32_t index) {
        return SnapshotTaken{index};
    }));
}

Outcome<Nothing> remove(Call& call, const OneEntry& parameters) {
    return done(call.system.data_store.remove(parameters.key, parameters.type));
}

constexpr ErrorCase full{ErrorCode::refused, "ENOSPC", "DS is full"};
constexpr ErrorCase no_entry{ErrorCode::refused, "ESRCH", "there is no such entry"};
constexpr ErrorCase too_long{ErrorCode::refused, "EINVAL", "DS does not take a key or value of this length"};
constexpr ErrorCase not_owner{ErrorCode::refused, "EPERM", "the entry belongs to another process"};

constexpr std::array get_errors{no_entry, too_long};
constexpr std::array publish_errors{
    ErrorCase{ErrorCode::refused, "EEXIST", "there is such an entry and overwrite is false"},
    too_long,
    full,
    not_owner,
};
constexpr std::array delete_errors{no_entry, too_long, not_owner};
constexpr std::array read_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "there is no such memory or map"},
    ErrorCase{ErrorCode::refused, "ENOENT", "this snapshot was not taken yet, or is not kept any more"},
    too_long,
};
constexpr std::array snapshot_errors{
    ErrorCase{ErrorCode::refused, "ESRCH", "there is no such map"},
    ErrorCase{ErrorCode::refused, "ENOSPC", "DS has no room for its bytes"},
    too_long,
};

constexpr std::array table{
    method<&list>({
        .name = "ds.list",
        .summary = "What the data store holds",
        .asks = "ds",
        .example = {R"({"prefix":"net"})",
                    R"({"items":[{"key":"netmgmt","type":"label","owner":"rs","value":4103,"snapshots":null},)"
                    R"({"key":"net.address","type":"string","owner":"netmgmt","value":"10.0.2.15",)"
                    R"("snapshots":null}],"next":null})"},
    }),
    method<&get>({
        .name = "ds.get",
        .summary = "One entry of the data store",
        .asks = "ds",
        .errors = get_errors,
        .example = {R"({"key":"net.address"})",
                    R"({"key":"net.address","type":"string","owner":"netmgmt","value":"10.0.2.15","snapshots":null})"},
    }),
    method<&read>({
        .name = "ds.read",
        .summary = "Bytes of a memory or map entry, or of a snapshot",
        .asks = "ds",
        .errors = read_errors,
        .example = {R"({"key":"demo.bytes","limit":4})", R"({"bytes":5,"contents":"68656c6c"})"},
    }),
    method<&publish>({
        .name = "ds.publish",
        .summary = "Puts an entry into the data store",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "ds",
        .errors = publish_errors,
        .example = {R"({"key":"demo.answer","type":"u32","value":42})", "{}"},
    }),
    method<&remove>({
        .name = "ds.delete",
        .summary = "Takes an entry out of the data store",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "ds",
        .errors = delete_errors,
        .example = {R"({"key":"demo.answer","type":"u32"})", "{}"},
    }),
    method<&snapshot>({
        .name = "ds.snapshot",
        .summary = "Keeps what is in the memory of a map entry now",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "ds",
        .errors = snapshot_errors,
        .example = {R"({"key":"demo.map"})", R"({"snapshot":0})"},
    }),
};

} // namespace

std::span<const Method> ds_methods() { return table; }

} // namespace tessera::netmgmt
