// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/netmgmt/support/schema_check.h"

#include <algorithm>
#include <format>
#include <regex>
#include <utility>

namespace tessera::netmgmt::test {
namespace {

std::string check(const Schema& schema, const Bounds& bounds, JsonView json);

std::string wrong(JsonView json, std::string_view expected) {
    return std::format("{} is no {}", json.json().substr(0, 80), expected);
}

bool within(const Bounds& bounds, std::uint64_t value) {
    return std::cmp_greater_equal(value, bounds.minimum) && std::cmp_less_equal(value, bounds.maximum);
}

bool matches(JsonView json, const char* pattern) {
    return json.text() && std::regex_match(std::string(*json.text()), std::regex(pattern));
}

std::string check_object(const Schema& schema, JsonView json) {
    if (!json.is_object()) return wrong(json, "object");
    for (auto name : json.member_names()) {
        if (std::ranges::find(schema.members, name, &SchemaMember::name) == schema.members.end())
            return std::format("unknown member {}", name);
    }
    for (const auto& member : schema.members) {
        auto value = json.find(member.name);
        const bool always = member.presence == Presence::required && schema.completeness == Completeness::whole;
        if (!value && always) return std::format("missing member {}", member.name);
        if (!value) continue;
        auto result = check(*member.schema, member.bounds.value_or(member.schema->bounds), *value);
        if (!result.empty()) return std::format("{}: {}", member.name, result);
    }
    return {};
}

std::string check_array(const Schema& schema, const Bounds& bounds, JsonView json) {
    if (!json.is_array() || !within(bounds, json.size())) return wrong(json, "array of the right size");
    for (std::size_t index = 0; index < json.size(); ++index) {
        if (auto result = violation(*schema.element, json.element(index)); !result.empty()) return result;
    }
    return {};
}

std::string check_map(const Schema& schema, JsonView json) {
    if (!json.is_object()) return wrong(json, "object");
    for (auto name : json.member_names()) {
        auto result = schema.element == nullptr ? "" : violation(*schema.element, *json.find(name));
        if (!result.empty()) return result;
    }
    return {};
}

std::string check_text(const Schema& schema, const Bounds& bounds, JsonView json) {
    auto text = json.text();
    switch (schema.kind) {
    case SchemaKind::text:
        return text && within(bounds, text->size()) ? "" : wrong(json, "text");
    case SchemaKind::decimal:
        return matches(json, "0|[1-9][0-9]{0,19}") ? "" : wrong(json, "decimal");
    case SchemaKind::hexadecimal:
        return matches(json, "0x(0|[1-9a-f][0-9a-f]{0,15})") ? "" : wrong(json, "hexadecimal");
    default:
        break;
    }
    const bool named = text && std::ranges::find(schema.names, *text) != schema.names.end();
    return named ? "" : wrong(json, "name of the enumeration");
}

std::string check(const Schema& schema, const Bounds& bounds, JsonView json) {
    switch (schema.kind) {
    case SchemaKind::null:
        return json.is_null() ? "" : wrong(json, "null");
    case SchemaKind::boolean:
        return json.boolean() ? "" : wrong(json, "boolean");
    case SchemaKind::integer:
        return json.unsigned_integer() && within(bounds, *json.unsigned_integer()) ? "" : wrong(json, "integer");
    case SchemaKind::any_of: {
        auto fits = [&](const Schema* choice) { return violation(*choice, json).empty(); };
        return std::ranges::any_of(schema.choices, fits) ? "" : wrong(json, "value of any of the choices");
    }
    case SchemaKind::array:
        return check_array(schema, bounds, json);
    case SchemaKind::object:
        return check_object(schema, json);
    case SchemaKind::map:
        return check_map(schema, json);
    default:
        return check_text(schema, bounds, json);
    }
}

} // namespace

std::string violation(const Schema& schema, JsonView json) { return check(schema, schema.bounds, json); }

} // namespace tessera::netmgmt::test
