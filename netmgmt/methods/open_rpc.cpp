// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/open_rpc.h"

#include "netmgmt/json/strict_parser.h"
#include "netmgmt/schema/json_schema.h"
#include "netmgmt/schema/write.h"

#include <format>

namespace tessera::netmgmt {
namespace {

void write_text(JsonWriter& out, std::string_view name, std::string_view value) {
    out.key(name);
    out.text(value);
}

void write_flag(JsonWriter& out, std::string_view name, bool value) {
    out.key(name);
    out.boolean(value);
}

void write_parameters(JsonWriter& out, const Schema& parameters) {
    out.key("params");
    out.begin_array();
    for (const auto& member : parameters.members) {
        out.begin_object();
        write_text(out, "name", member.name);
        write_flag(out, "required", member.presence == Presence::required);
        out.key("schema");
        write_json_schema(out, member);
        out.end_object();
    }
    out.end_array();
}

void write_error(JsonWriter& out, ErrorCode code, std::string_view message, const ErrorData& data) {
    out.begin_object();
    out.key("code");
    out.number(std::int64_t{static_cast<std::int32_t>(code)});
    write_text(out, "message", message);
    out.key("data");
    write_value(out, data);
    out.end_object();
}

void write_errors(JsonWriter& out, const MethodText& text) {
    out.key("errors");
    out.begin_array();
    if (text.role != Role::none) {
        const auto role = EnumNames<Role>::names[static_cast<std::size_t>(text.role)];
        write_error(out, ErrorCode::not_allowed, "the session does not hold the role", {.role = role});
    }
    for (const auto& error : text.errors) {
        write_error(out, error.code, error.when, {.errno_name = error.name, .where = text.asks});
    }
    if (!text.asks.empty()) {
        const auto message = std::format("{} is not available now, try again", text.asks);
        write_error(out, ErrorCode::unavailable, message, {.where = text.asks});
    }
    out.end_array();
}

void write_example(JsonWriter& out, const Example& example) {
    auto document = parse_strictly(example.parameters, {limits::nesting, limits::values, limits::string_bytes});
    out.key("examples");
    out.begin_array();
    out.begin_object();
    write_text(out, "name", "example");
    out.key("params");
    out.begin_array();
    for (auto name : document->root().member_names()) {
        out.begin_object();
        write_text(out, "name", name);
        out.key("value");
        out.json(document->root().find(name)->json());
        out.end_object();
    }
    out.end_array();
    out.key("result");
    out.begin_object();
    write_text(out, "name", "result");
    out.key("value");
    out.json(example.result);
    out.end_object();
    out.end_object();
    out.end_array();
}

void write_tag(JsonWriter& out, std::string_view name) {
    out.key("tags");
    out.begin_array();
    out.begin_object();
    write_text(out, "name", name);
    out.end_object();
    out.end_array();
}

void write_result(JsonWriter& out, const Schema& result) {
    out.key("result");
    out.begin_object();
    write_text(out, "name", "result");
    out.key("schema");
    write_json_schema(out, result);
    out.end_object();
}

void write_method(JsonWriter& out, const Method& method) {
    const MethodText& text = method.text;
    out.begin_object();
    write_text(out, "name", text.name);
    write_text(out, "summary", text.summary);
    write_tag(out, text.name.substr(0, text.name.find('.')));
    write_text(out, "paramStructure", "by-name");
    write_parameters(out, *method.parameters);
    write_result(out, *method.result);
    write_errors(out, text);
    write_example(out, text.example);
    write_text(out, "x-role", EnumNames<Role>::names[static_cast<std::size_t>(text.role)]);
    write_flag(out, "x-changes-state", text.effect == Effect::changes_state);
    write_flag(out, "x-experimental", text.stability == Stability::experimental);
    out.end_object();
}

void write_information(JsonWriter& out, const Identity& identity) {
    out.key("info");
    out.begin_object();
    write_text(out, "title", identity.product + " management");
    write_text(out, "version", std::to_string(identity.protocol));
    write_text(out, "description",
               std::format("Built from {} {}. Beside the errors of its own every method can answer -32602, -32603 and "
                           "-31002. Methods whose x-changes-state is false only read.",
                           identity.version, identity.build));
    out.key("license");
    out.begin_object();
    write_text(out, "name", "BSD-3-Clause");
    out.end_object();
    out.end_object();
}

} // namespace

void write_open_rpc(JsonWriter& out, const Identity& identity, MethodTable table) {
    out.begin_object();
    write_text(out, "openrpc", "1.2.6");
    write_information(out, identity);
    out.key("methods");
    out.begin_array();
    for (auto methods : table) {
        for (const auto& method : methods) write_method(out, method);
    }
    out.end_array();
    out.end_object();
}

} // namespace tessera::netmgmt
