// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Results from described structs into JSON text.

#include "netmgmt/json/json_writer.h"
#include "netmgmt/schema/shape.h"

#include <bitset>

namespace tessera::netmgmt {

/// Which members of a struct are wanted, in the order of its shape.
using FieldSet = std::bitset<32>;

[[nodiscard]] inline FieldSet all_fields() { return FieldSet().set(); }

inline void write_value(JsonWriter& out, bool value) { out.boolean(value); }
inline void write_value(JsonWriter& out, std::string_view value) { out.text(value); }
inline void write_value(JsonWriter& out, const std::string& value) { out.text(value); }
inline void write_value(JsonWriter& out, EndpointNumber endpoint) { out.number(std::uint64_t{endpoint.value}); }
inline void write_value(JsonWriter& out, Address address) { out.hexadecimal_text(address.value); }

template <PlainInteger T> void write_value(JsonWriter& out, T value) { out.number(std::uint64_t{value}); }

template <class Tag> void write_value(JsonWriter& out, Number<Tag> number) { out.number(number.value); }

template <class Tag> void write_value(JsonWriter& out, Quantity<Tag> quantity) { out.decimal_text(quantity.value); }

template <NamedEnum E> void write_value(JsonWriter& out, E value) {
    out.text(EnumNames<E>::names.at(static_cast<std::size_t>(value)));
}

template <Described T> void write_value(JsonWriter& out, const T& object, FieldSet fields = all_fields());

template <class T> void write_value(JsonWriter& out, const std::optional<T>& value) {
    if (value)
        write_value(out, *value);
    else
        out.null();
}

template <class... T> void write_value(JsonWriter& out, const std::variant<T...>& value) {
    std::visit([&](const auto& alternative) { write_value(out, alternative); }, value);
}

template <class T> void write_value(JsonWriter& out, const std::vector<T>& values) {
    out.begin_array();
    for (const auto& value : values) write_value(out, value);
    out.end_array();
}

template <class T> void write_value(JsonWriter& out, const std::vector<std::pair<std::string, T>>& values) {
    out.begin_object();
    for (const auto& [name, value] : values) {
        out.key(name);
        write_value(out, value);
    }
    out.end_object();
}

template <class T> [[nodiscard]] bool left_out(const T&, Presence) { return false; }

template <class T> [[nodiscard]] bool left_out(const std::optional<T>& value, Presence presence) {
    return presence == Presence::optional && !value;
}

/// Members without the braces around them.
template <Described T> void write_members(JsonWriter& out, const T& object, FieldSet fields) {
    static_assert(std::tuple_size_v<decltype(Shape<T>::members)> <= FieldSet().size());
    [[maybe_unused]] std::size_t index = 0;
    [[maybe_unused]] auto write_member = [&](const auto& member) {
        const auto& value = object.*(member.pointer);
        if (!fields[index++] || left_out(value, member.presence)) return;
        out.key(member.name);
        write_value(out, value);
    };
    std::apply([&](const auto&... member) { (write_member(member), ...); }, Shape<T>::members);
}

template <Described T> void write_value(JsonWriter& out, const T& object, FieldSet fields) {
    out.begin_object();
    write_members(out, object, fields);
    out.end_object();
}

} // namespace tessera::netmgmt
