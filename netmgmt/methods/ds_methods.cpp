// SPDX-License-Identifier: BSD-3-Clause
// ds.*: what the data store holds.

#include "netmgmt/methods/describe.h"
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

struct Publish {
    std::string key;
    PublishedType type = PublishedType::u32;
    DataValue value;
    bool overwrite = false;
};

} // namespace

template <> struct EnumNames<DataType> {
    static constexpr std::array<std::string_view, 3> names{"u32", "string", "label"};
};

template <> struct EnumNames<PublishedType> {
    static constexpr std::array<std::string_view, 2> names{"u32", "string"};
};

template <> struct Shape<DataEntry> {
    static constexpr std::tuple members{
        member("key", &DataEntry::key, ""),
        member("type", &DataEntry::type, ""),
        member("owner", &DataEntry::owner, "name of the process that published it"),
        member("value", &DataEntry::value, "integer of a u32, text of a string, endpoint of a label"),
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

template <> struct Shape<Publish> {
    static constexpr std::tuple members{
        member("key", &Publish::key, "", key_bytes),
        member("type", &Publish::type, ""),
        member("value", &Publish::value, "an integer for u32, a string for string"),
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

Outcome<Nothing> publish(Call& call, const Publish& parameters) {
    const bool is_text = std::holds_alternative<std::string>(parameters.value);
    if (is_text != (parameters.type == PublishedType::string)) {
        return std::unexpected(invalid_parameters({"value", "is not of the type that `type` names"}));
    }
    const auto overwrite = parameters.overwrite ? Overwrite::allow : Overwrite::refuse;
    return done(call.system.data_store.publish(parameters.key, parameters.value, overwrite));
}

Outcome<Nothing> remove(Call& call, const OneEntry& parameters) {
    return done(call.system.data_store.remove(parameters.key, parameters.type));
}

constexpr ErrorCase no_entry{ErrorCode::refused, "ESRCH", "there is no such entry"};
constexpr ErrorCase too_long{ErrorCode::refused, "EINVAL", "DS does not take a key or value of this length"};
constexpr ErrorCase not_owner{ErrorCode::refused, "EPERM", "the entry belongs to another process"};

constexpr std::array get_errors{no_entry, too_long};
constexpr std::array publish_errors{
    ErrorCase{ErrorCode::refused, "EEXIST", "there is such an entry and overwrite is false"},
    too_long,
    ErrorCase{ErrorCode::refused, "ENOMEM", "DS is full"},
    not_owner,
};
constexpr std::array delete_errors{no_entry, too_long, not_owner};

constexpr std::array table{
    method<&list>({
        .name = "ds.list",
        .summary = "What the data store holds",
        .asks = "ds",
        .example = {R"({"prefix":"net"})",
                    R"({"items":[{"key":"netmgmt","type":"label","owner":"rs","value":4103},)"
                    R"({"key":"net.address","type":"string","owner":"netmgmt","value":"10.0.2.15"}],"next":null})"},
    }),
    method<&get>({
        .name = "ds.get",
        .summary = "One entry of the data store",
        .asks = "ds",
        .errors = get_errors,
        .example = {R"({"key":"net.address"})",
                    R"({"key":"net.address","type":"string","owner":"netmgmt","value":"10.0.2.15"})"},
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
};

} // namespace

std::span<const Method> ds_methods() { return table; }

} // namespace tessera::netmgmt
