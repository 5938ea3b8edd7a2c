// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How a C++ struct looks in JSON: `Shape<T>::members` lists its members once. Reading parameters (read.h), writing
// results (write.h) and the schema of both are made from that list, so that none can differ from another.

#include "netmgmt/schema/schema.h"
#include "netmgmt/view/quantities.h"

#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace tessera::netmgmt {

/// Specialise with `static constexpr std::tuple members{member(…), optional_member(…), …};`.
template <class T> struct Shape;

template <class T>
concept Described = requires { Shape<T>::members; };

/// Specialise with `static constexpr std::array<std::string_view, N> names{…};`, in the order of the enumerators from 0
/// on.
template <class E> struct EnumNames;

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires { EnumNames<E>::names; };

template <class Owner, class Value> struct Member {
    using value_type = Value;

    std::string_view name;
    Value Owner::* pointer;
    std::string_view description;
    Presence presence;
    std::optional<Bounds> bounds;
};

/// A member that is always there; an empty std::optional shows as null.
template <class Owner, class Value>
[[nodiscard]] consteval auto member(std::string_view name, Value Owner::* pointer, std::string_view description,
                                    std::optional<Bounds> bounds = {}) {
    return Member<Owner, Value>{name, pointer, description, Presence::required, bounds};
}

/// A member that can be left out: it is then an empty std::optional, or what a new struct holds.
template <class Owner, class Value>
[[nodiscard]] consteval auto optional_member(std::string_view name, Value Owner::* pointer,
                                             std::string_view description, std::optional<Bounds> bounds = {}) {
    return Member<Owner, Value>{name, pointer, description, Presence::optional, bounds};
}

/// An integer that a double holds exactly, as JSON's readers often do.
inline constexpr std::int64_t greatest_json_integer = (std::int64_t{1} << 53) - 1;
inline constexpr Bounds any_text{0, 4096};
inline constexpr Bounds any_array{0, 4096};

template <class T>
concept PlainInteger = std::unsigned_integral<T> && !std::same_as<T, bool>;

template <PlainInteger T> [[nodiscard]] consteval Bounds bounds_of() {
    if (std::numeric_limits<T>::digits >= 53) return {0, greatest_json_integer};
    return {0, static_cast<std::int64_t>(std::numeric_limits<T>::max())};
}

// --- the schema of a type ---

template <class T> struct SchemaOf;

template <> struct SchemaOf<std::nullptr_t> {
    static constexpr Schema value{.kind = SchemaKind::null};
};
template <> struct SchemaOf<bool> {
    static constexpr Schema value{.kind = SchemaKind::boolean};
};
template <PlainInteger T> struct SchemaOf<T> {
    static constexpr Schema value{.kind = SchemaKind::integer, .bounds = bounds_of<T>()};
};
template <> struct SchemaOf<EndpointNumber> {
    static constexpr Schema value{.kind = SchemaKind::integer, .bounds = bounds_of<std::uint32_t>()};
};
template <class Tag> struct SchemaOf<Number<Tag>> {
    static constexpr Schema value{.kind = SchemaKind::integer, .bounds = bounds_of<std::uint64_t>(), .unit = Tag::unit};
};
template <class Tag> struct SchemaOf<Quantity<Tag>> {
    static constexpr Schema value{.kind = SchemaKind::decimal, .unit = Tag::unit};
};
template <> struct SchemaOf<Address> {
    static constexpr Schema value{.kind = SchemaKind::hexadecimal};
};
template <> struct SchemaOf<std::string> {
    static constexpr Schema value{.kind = SchemaKind::text, .bounds = any_text};
};
template <> struct SchemaOf<std::string_view> : SchemaOf<std::string> {};
template <NamedEnum E> struct SchemaOf<E> {
    static constexpr Schema value{.kind = SchemaKind::enumeration, .names = EnumNames<E>::names};
};
template <class T> struct SchemaOf<std::vector<T>> {
    static constexpr Schema value{.kind = SchemaKind::array, .bounds = any_array, .element = &SchemaOf<T>::value};
};
template <class T> struct SchemaOf<std::vector<std::pair<std::string, T>>> {
    static constexpr Schema value{.kind = SchemaKind::map, .element = &SchemaOf<T>::value};
};
template <class... T> struct SchemaOf<std::variant<T...>> {
    static constexpr std::array<const Schema*, sizeof...(T)> choices{&SchemaOf<T>::value...};
    static constexpr Schema value{.kind = SchemaKind::any_of, .choices = choices};
};
template <class T> struct SchemaOf<std::optional<T>> : SchemaOf<std::variant<T, std::nullptr_t>> {};

// --- the schema of a struct ---

template <class T> struct Unwrapped {
    using type = T;
};
template <class T> struct Unwrapped<std::optional<T>> {
    using type = T;
};

template <class Value> [[nodiscard]] consteval std::optional<DefaultValue> as_default(const Value& value) {
    if constexpr (std::same_as<Value, bool>)
        return DefaultValue(value);
    else if constexpr (PlainInteger<Value>)
        return DefaultValue(static_cast<std::int64_t>(value));
    else if constexpr (NamedEnum<Value>)
        return DefaultValue(EnumNames<Value>::names[static_cast<std::size_t>(value)]);
    else if constexpr (std::same_as<Value, Sequence>)
        return DefaultValue(value.value == 0 ? "0" : throw "only zero");
    else
        return std::nullopt;
}

template <class T, class Owner, class Value>
[[nodiscard]] consteval SchemaMember schema_member(const Member<Owner, Value>& member) {
    SchemaMember result{member.name, member.description, &SchemaOf<Value>::value, member.presence, member.bounds, {}};
    if (member.presence == Presence::optional) {
        result.schema = &SchemaOf<typename Unwrapped<Value>::type>::value;
        T defaults{};
        result.default_value = as_default(defaults.*(member.pointer));
    }
    return result;
}

template <Described T>
inline constexpr auto schema_members = std::apply(
    [](const auto&... member) { return std::array<SchemaMember, sizeof...(member)>{schema_member<T>(member)...}; },
    Shape<T>::members);

template <Described T> struct SchemaOf<T> {
    static constexpr Schema value{.kind = SchemaKind::object, .members = schema_members<T>};
};

/// Of an entry of a list, whose members `fields` chooses.
template <Described T>
inline constexpr Schema selectable_schema{
    .kind = SchemaKind::object, .members = schema_members<T>, .completeness = Completeness::selectable};

} // namespace tessera::netmgmt
