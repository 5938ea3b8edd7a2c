// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Parameters from JSON into a described struct. The whole value is checked; what is wrong is named.

#include "netmgmt/json/json_view.h"
#include "netmgmt/schema/shape.h"

#include <expected>
#include <string>

namespace tessera::netmgmt {

struct ReadError {
    std::string member; ///< dotted, like "trigger.milliseconds"; clipped when the peer chose a long name
    std::string reason;
};

using ReadResult = std::expected<void, ReadError>;

/// The way to a member from the outermost object; lives on the stack of the reader.
struct MemberPath {
    const MemberPath* outer;
    std::string_view name;

    [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::unexpected<ReadError> unreadable(const MemberPath& path, std::string reason);

ReadResult read_value(JsonView json, bool& value, const MemberPath& path, std::optional<Bounds>);
ReadResult read_value(JsonView json, std::string& value, const MemberPath& path, std::optional<Bounds>);
ReadResult read_value(JsonView json, EndpointNumber& value, const MemberPath& path, std::optional<Bounds>);
ReadResult read_integer(JsonView json, std::uint64_t& value, const MemberPath& path, Bounds);
ReadResult read_decimal(JsonView json, std::uint64_t& value, const MemberPath& path);
ReadResult read_name(JsonView json, std::size_t& index, const MemberPath& path,
                     std::span<const std::string_view> names);
ReadResult read_array_size(JsonView json, const MemberPath& path, Bounds);

/// Refuses what is no object and members that are not among `members`.
ReadResult check_members(JsonView json, std::span<const SchemaMember> members, const MemberPath& path);

template <PlainInteger T>
ReadResult read_value(JsonView json, T& value, const MemberPath& path, std::optional<Bounds> bounds) {
    std::uint64_t wide = 0;
    auto result = read_integer(json, wide, path, bounds.value_or(bounds_of<T>()));
    if (result) value = static_cast<T>(wide);
    return result;
}

template <class Tag>
ReadResult read_value(JsonView json, Quantity<Tag>& value, const MemberPath& path, std::optional<Bounds>) {
    return read_decimal(json, value.value, path);
}

template <NamedEnum E> ReadResult read_value(JsonView json, E& value, const MemberPath& path, std::optional<Bounds>) {
    std::size_t index = 0;
    auto result = read_name(json, index, path, EnumNames<E>::names);
    if (result) value = static_cast<E>(index);
    return result;
}

template <class T>
ReadResult read_value(JsonView json, std::vector<T>& value, const MemberPath& path, std::optional<Bounds> bounds) {
    if (auto result = read_array_size(json, path, bounds.value_or(any_array)); !result) return result;
    value.reserve(json.size());
    for (std::size_t index = 0; index < json.size(); ++index) {
        auto result = read_value(json.element(index), value.emplace_back(), path, std::nullopt);
        if (!result) return result;
    }
    return {};
}

template <class T>
ReadResult read_value(JsonView json, std::optional<T>& value, const MemberPath& path, std::optional<Bounds> bounds) {
    return read_value(json, value.emplace(), path, bounds);
}

/// A number or a text, told apart by what the JSON value is.
ReadResult read_value(JsonView json, std::variant<std::uint32_t, std::string>& value, const MemberPath& path,
                      std::optional<Bounds> bounds);

template <Described T> ReadResult read_value(JsonView json, T& value, const MemberPath& path, std::optional<Bounds>);

template <class T, class Owner, class Value>
ReadResult read_member(JsonView json, T& object, const Member<Owner, Value>& member, const MemberPath& outer) {
    MemberPath path{&outer, member.name};
    if (auto found = json.find(member.name)) {
        return read_value(*found, object.*(member.pointer), path, member.bounds);
    }
    if (member.presence == Presence::required) return unreadable(path, "is missing");
    return {};
}

template <Described T> ReadResult read_value(JsonView json, T& value, const MemberPath& path, std::optional<Bounds>) {
    ReadResult result = check_members(json, schema_members<T>, path);
    auto read_all = [&](const auto&... member) {
        (void)((result && (result = read_member(json, value, member, path))) && ...);
    };
    if (result) std::apply(read_all, Shape<T>::members);
    return result;
}

/// A method's parameters; the outermost object has no name.
template <Described T> [[nodiscard]] std::expected<T, ReadError> read_parameters(JsonView json) {
    T value{};
    ReadResult result = read_value(json, value, MemberPath{nullptr, {}}, std::nullopt);
    if (!result) return std::unexpected(std::move(result).error());
    return value;
}

} // namespace tessera::netmgmt
