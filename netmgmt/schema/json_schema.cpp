// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/schema/json_schema.h"

namespace tessera::netmgmt {
namespace {

void write_text(JsonWriter& out, std::string_view name, std::string_view value) {
    out.key(name);
    out.text(value);
}

void write_number(JsonWriter& out, std::string_view name, std::int64_t value) {
    out.key(name);
    out.number(value);
}

void write_integer(JsonWriter& out, const Bounds& bounds) {
    write_text(out, "type", "integer");
    write_number(out, "minimum", bounds.minimum);
    write_number(out, "maximum", bounds.maximum);
}

/// JSON Schema counts characters, we count bytes: whatever we accept satisfies it.
void write_string(JsonWriter& out, const Bounds& bounds) {
    write_text(out, "type", "string");
    if (bounds.minimum > 0) write_number(out, "minLength", 1);
    write_number(out, "maxLength", bounds.maximum);
}

void write_pattern(JsonWriter& out, std::string_view pattern) {
    write_text(out, "type", "string");
    write_text(out, "pattern", pattern);
}

void write_enumeration(JsonWriter& out, const Schema& schema) {
    write_text(out, "type", "string");
    out.key("enum");
    out.begin_array();
    for (auto name : schema.names) out.text(name);
    out.end_array();
}

void write_any_of(JsonWriter& out, const Schema& schema) {
    out.key("anyOf");
    out.begin_array();
    for (const Schema* choice : schema.choices) write_json_schema(out, *choice);
    out.end_array();
}

void write_array(JsonWriter& out, const Schema& schema, const Bounds& bounds) {
    write_text(out, "type", "array");
    out.key("items");
    write_json_schema(out, *schema.element);
    if (bounds.minimum > 0) write_number(out, "minItems", bounds.minimum);
    write_number(out, "maxItems", bounds.maximum);
}

void write_map(JsonWriter& out, const Schema& schema) {
    write_text(out, "type", "object");
    if (schema.element == nullptr) return;
    out.key("additionalProperties");
    write_json_schema(out, *schema.element);
}

void write_object(JsonWriter& out, const Schema& schema) {
    write_text(out, "type", "object");
    out.key("properties");
    out.begin_object();
    for (const auto& member : schema.members) {
        out.key(member.name);
        write_json_schema(out, member);
    }
    out.end_object();
    out.key("required");
    out.begin_array();
    for (const auto& member : schema.members) {
        const bool always = member.presence == Presence::required && schema.completeness == Completeness::whole;
        if (always) out.text(member.name);
    }
    out.end_array();
    out.key("additionalProperties");
    out.boolean(false);
}

void write_kind(JsonWriter& out, const Schema& schema, const Bounds& bounds) {
    switch (schema.kind) {
    case SchemaKind::null:
        return write_text(out, "type", "null");
    case SchemaKind::boolean:
        return write_text(out, "type", "boolean");
    case SchemaKind::integer:
        return write_integer(out, bounds);
    case SchemaKind::text:
        return write_string(out, bounds);
    case SchemaKind::decimal:
        return write_pattern(out, "^(0|[1-9][0-9]{0,19})$");
    case SchemaKind::hexadecimal:
        return write_pattern(out, "^0x(0|[1-9a-f][0-9a-f]{0,15})$");
    case SchemaKind::enumeration:
        return write_enumeration(out, schema);
    case SchemaKind::any_of:
        return write_any_of(out, schema);
    case SchemaKind::array:
        return write_array(out, schema, bounds);
    case SchemaKind::object:
        return write_object(out, schema);
    case SchemaKind::map:
        return write_map(out, schema);
    }
}

void write_default(JsonWriter& out, bool value) { out.boolean(value); }
void write_default(JsonWriter& out, std::int64_t value) { out.number(value); }
void write_default(JsonWriter& out, std::string_view value) { out.text(value); }

} // namespace

void write_json_schema(JsonWriter& out, const Schema& schema) {
    out.begin_object();
    write_kind(out, schema, schema.bounds);
    if (!schema.unit.empty()) write_text(out, "x-unit", schema.unit);
    out.end_object();
}

void write_json_schema(JsonWriter& out, const SchemaMember& member) {
    const Schema& schema = *member.schema;
    out.begin_object();
    write_kind(out, schema, member.bounds.value_or(schema.bounds));
    if (!schema.unit.empty()) write_text(out, "x-unit", schema.unit);
    if (!member.description.empty()) write_text(out, "description", member.description);
    if (member.default_value) {
        out.key("default");
        std::visit([&](const auto& value) { write_default(out, value); }, *member.default_value);
    }
    out.end_object();
}

} // namespace tessera::netmgmt
