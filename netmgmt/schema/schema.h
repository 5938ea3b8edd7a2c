// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What a JSON value may look like, as constant data. Made from the C++ types by shape.h; read by `rpc.discover`, by the
// manual and by the tests.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace tessera::netmgmt {

enum class SchemaKind : std::uint8_t {
    null,
    boolean,
    integer,
    text,
    decimal,     ///< a string of decimal digits, below 2^64
    hexadecimal, ///< a string "0x…" of lower-case hexadecimal digits, below 2^64
    enumeration,
    any_of,
    array,
    object,
    map, ///< an object whose members are named at run time
};

/// The least and the greatest: of an integer its value, of a text its bytes, of an array its elements.
struct Bounds {
    std::int64_t minimum;
    std::int64_t maximum;
};

enum class Presence : std::uint8_t { required, optional };

/// Whether a caller can leave members of an object out by `fields`.
enum class Completeness : std::uint8_t { whole, selectable };

using DefaultValue = std::variant<bool, std::int64_t, std::string_view>;

struct SchemaMember;

struct Schema {
    SchemaKind kind;
    Bounds bounds{};
    std::string_view unit{};
    std::span<const std::string_view> names{};       ///< of an enumeration
    std::span<const Schema* const> choices{};        ///< of any_of
    const Schema* element = nullptr;                 ///< of an array or a map; a map without may hold anything
    std::span<const SchemaMember> members{};         ///< of an object
    Completeness completeness = Completeness::whole; ///< of an object
};

struct SchemaMember {
    std::string_view name;
    std::string_view description;
    const Schema* schema;
    Presence presence;
    std::optional<Bounds> bounds;              ///< narrower than the schema's
    std::optional<DefaultValue> default_value; ///< what an optional member is when it is left out
};

} // namespace tessera::netmgmt
