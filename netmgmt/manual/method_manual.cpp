// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/manual/method_manual.h"

#include <format>

namespace tessera::netmgmt {
namespace {

std::string type_of(const Schema& schema, const Bounds& bounds);

std::string choices_of(const Schema& schema) {
    std::string text;
    for (const Schema* choice : schema.choices) {
        if (!text.empty()) text += " or ";
        text += type_of(*choice, choice->bounds);
    }
    return text;
}

std::string names_of(const Schema& schema) {
    std::string text;
    for (auto name : schema.names) {
        if (!text.empty()) text += ", ";
        text += std::format("`\"{}\"`", name);
    }
    return text;
}

std::string type_of(const Schema& schema, const Bounds& bounds) {
    switch (schema.kind) {
    case SchemaKind::null:
        return "null";
    case SchemaKind::boolean:
        return "boolean";
    case SchemaKind::integer:
        return bounds.maximum >= (std::int64_t{1} << 53) - 1
                   ? "integer"
                   : std::format("integer {} to {}", bounds.minimum, bounds.maximum);
    case SchemaKind::text:
        return bounds.minimum > 0 ? std::format("string, {} to {} bytes", bounds.minimum, bounds.maximum) : "string";
    case SchemaKind::decimal:
        return "decimal string";
    case SchemaKind::hexadecimal:
        return "hexadecimal string";
    case SchemaKind::enumeration:
        return names_of(schema);
    case SchemaKind::any_of:
        return choices_of(schema);
    case SchemaKind::array:
        return "array of " + type_of(*schema.element, schema.element->bounds);
    case SchemaKind::object:
        return "object";
    case SchemaKind::map:
        return schema.element == nullptr ? "object" : "object of " + type_of(*schema.element, schema.element->bounds);
    }
    return {};
}

std::string default_text(const SchemaMember& member) {
    if (member.presence == Presence::required) return "required";
    if (!member.default_value) return "optional";
    auto show = [](const auto& value) {
        if constexpr (std::is_same_v<decltype(value), const std::string_view&>)
            return std::format("`\"{}\"`", value);
        else
            return std::format("`{}`", value);
    };
    return "default " + std::visit(show, *member.default_value);
}

/// The members that a member has itself: of an object, which may be null, or of the objects in an array.
std::span<const SchemaMember> inner_members(const Schema& schema) {
    if (schema.kind == SchemaKind::object) return schema.members;
    if (schema.kind == SchemaKind::array) return inner_members(*schema.element);
    for (const Schema* choice : schema.choices)
        if (const auto members = inner_members(*choice); !members.empty()) return members;
    return {};
}

std::string meaning(const SchemaMember& member) {
    std::string text(member.description);
    auto unit = member.schema->unit;
    if (unit.empty()) return text;
    return text.empty() ? std::string(unit) : std::format("{} ({})", text, unit);
}

enum class Table : std::uint8_t { parameters, results };

void add_rows(std::string& text, const Schema& schema, const std::string& prefix, Table table) {
    for (const auto& member : inner_members(schema)) {
        const auto name = prefix + std::string(member.name);
        const auto type = type_of(*member.schema, member.bounds.value_or(member.schema->bounds));
        const auto left_out = table == Table::parameters ? " " + default_text(member) + " |" : std::string();
        text += std::format("| `{}` | {} |{} {} |\n", name, type, left_out, meaning(member));
        const bool is_array = member.schema->kind == SchemaKind::array;
        add_rows(text, *member.schema, name + (is_array ? "[]." : "."), table);
    }
}

void add_errors(std::string& text, const MethodText& method) {
    if (method.errors.empty()) return;
    text += "\nRefused with ";
    std::string_view separator;
    for (const auto& error : method.errors) {
        text += std::format("{}`{}` ({})", separator, error.name, error.when);
        separator = ", ";
    }
    text += ".\n";
}

void add_method(std::string& text, const Method& method) {
    const MethodText& of = method.text;
    text += std::format("\n#### `{}`\n\n{}. Role `{}`; {}{}.\n", of.name, of.summary,
                        EnumNames<Role>::names[static_cast<std::size_t>(of.role)],
                        of.effect == Effect::reads ? "reads only" : "changes state",
                        of.asks.empty() ? "" : std::format("; asks `{}`", of.asks));
    if (!method.parameters->members.empty()) {
        text += "\n| parameter | type | | meaning |\n|---|---|---|---|\n";
        add_rows(text, *method.parameters, "", Table::parameters);
    }
    if (!method.result->members.empty()) {
        text += "\n| result | type | meaning |\n|---|---|---|\n";
        add_rows(text, *method.result, "", Table::results);
    }
    add_errors(text, of);
    text += std::format("\n```json\n--> {{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\",\"params\":{}}}\n"
                        "<-- {{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}}\n```\n",
                        of.name, of.example.parameters, of.example.result);
}

} // namespace

std::string method_manual(MethodTable table) {
    std::string text = "\n| method | role | what it does |\n|---|---|---|\n";
    for (auto methods : table) {
        for (const auto& method : methods) {
            text +=
                std::format("| `{}` | {} | {} |\n", method.text.name,
                            EnumNames<Role>::names[static_cast<std::size_t>(method.text.role)], method.text.summary);
        }
    }
    for (auto methods : table) {
        const auto name = methods.front().text.name;
        text += std::format("\n### {}\n", name.substr(0, name.find('.')));
        for (const auto& method : methods) add_method(text, method);
    }
    return text + '\n';
}

std::optional<std::string> with_manual(std::string_view document, std::string_view manual) {
    const auto begin = document.find(manual_begin);
    const auto end = document.find(manual_end);
    if (begin == document.npos || end == document.npos || end < begin) return std::nullopt;
    return std::string(document.substr(0, begin + manual_begin.size())) + std::string(manual) +
           std::string(document.substr(end));
}

} // namespace tessera::netmgmt
