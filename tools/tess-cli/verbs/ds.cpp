// SPDX-License-Identifier: BSD-3-Clause
// tess ds: the entries of the data store.
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/output/table.h"
#include "tools/tess-cli/verbs/ds_ranges.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <charconv>
#include <format>
#include <limits>

namespace tessera::tess {

namespace {

const std::vector<std::string> entry_types{"u32", "string", "label", "memory", "map"};

struct EntryOptions {
    std::string prefix = {};
    std::string key = {};
    std::string value = {};
    std::string type = {};
    bool overwrite = false;
};

using SharedEntryOptions = std::shared_ptr<EntryOptions>;

std::string entry_table(const Json& list, const Output& output) {
    Table table{{{"KEY"}, {"TYPE"}, {"OWNER"}, {"VALUE"}}};
    for (const Json& entry : items_of(list)) {
        table.add({text(entry, "key"), text(entry, "type"), text(entry, "owner"), text(entry, "value")});
    }
    return table.text(output);
}

Json with_type(Json params, const std::string& type) {
    if (!type.empty()) params["type"] = type;
    return params;
}

Result<void> list_entries(Session& session, const EntryOptions& options) {
    Json params = Json::object();
    if (!options.prefix.empty()) params["prefix"] = options.prefix;
    return session.show(session.list("ds.list", params), entry_table);
}

Result<void> get_entry(Session& session, const EntryOptions& options) {
    return session.show(session.call("ds.get", with_type({{"key", options.key}}, options.type)),
                        [](const Json& entry, const Output& output) {
                            PropertyList properties;
                            for (const char* name : {"key", "type", "owner", "value"})
                                properties.add(name, text(entry, name));
                            if (number(entry, "snapshots")) properties.add("snapshots", text(entry, "snapshots"));
                            return properties.text(output);
                        });
}

Result<Json> value_to_publish(const EntryOptions& options) {
    if (options.type != "u32") return Json(options.value);
    std::uint32_t number = 0;
    const char* end = options.value.data() + options.value.size();
    const auto parsed = std::from_chars(options.value.data(), end, number);
    if (parsed.ec == std::errc{} && parsed.ptr == end) return Json(number);
    return bad_usage(
        std::format("\"{}\" is not a number from 0 to {}", options.value, std::numeric_limits<std::uint32_t>::max()),
        "leave --type out to publish a string");
}

Result<void> publish_entry(Session& session, const EntryOptions& options) {
    const auto value = value_to_publish(options);
    if (!value) return Failed{value.error()};
    const Json params{
        {"key", options.key}, {"type", options.type}, {"value", *value}, {"overwrite", options.overwrite}};
    return session.show(session.call("ds.publish", params), [&options](const Json&, const Output&) {
        return std::format("published {}\n", Cell{options.key}.text);
    });
}

Result<void> delete_entry(Session& session, const EntryOptions& options) {
    return session.show(
        session.call("ds.delete", with_type({{"key", options.key}}, options.type)),
        [&options](const Json&, const Output&) { return std::format("deleted {}\n", Cell{options.key}.text); });
}

void add_key(VerbParser& parser, EntryOptions& options) {
    parser.text("KEY", options.key, "Key of the entry", Need::required);
}

void add_get(Registry& verbs, VerbParser& parent, const SharedEntryOptions& options) {
    VerbParser& parser = verbs.add(parent,
                                   {.name = "get",
                                    .summary = "Show one entry.",
                                    .description = "Calls ds.get.",
                                    .examples = {{"tess ds get boot.console", R"(key    boot.console
type   string
owner  rs
value  com1
)"}}},
                                   [options](Session& session) { return get_entry(session, *options); });
    add_key(parser, *options);
    parser.choice("--type", options->type, entry_types, "Only an entry of this type");
}

void add_publish(Registry& verbs, VerbParser& parent) {
    auto options = std::make_shared<EntryOptions>(EntryOptions{.type = "string"});
    VerbParser& parser =
        verbs.add(parent,
                  {.name = "publish",
                   .summary = "Store a value under a key.",
                   .description = "A key that exists is refused without --overwrite. Calls ds.publish.",
                   .examples = {{"tess ds publish lab.run 7 --type u32", "published lab.run\n"}}},
                  [options](Session& session) { return publish_entry(session, *options); });
    add_key(parser, *options);
    parser.text("VALUE", options->value,
                "A text, a number with --type u32, hexadecimal digits (at most 4096) with --type memory",
                Need::required);
    parser.choice("--type", options->type, {"u32", "string", "memory"}, "What it is; string when left out");
    parser.flag("--overwrite", options->overwrite, "Replace the value of an existing key");
}

void add_delete(Registry& verbs, VerbParser& parent, const SharedEntryOptions& options) {
    VerbParser& parser = verbs.add(parent,
                                   {.name = "delete",
                                    .summary = "Delete an entry.",
                                    .description = "Calls ds.delete.",
                                    .examples = {{"tess ds delete lab.run", "deleted lab.run\n"}}},
                                   [options](Session& session) { return delete_entry(session, *options); });
    add_key(parser, *options);
    parser.choice("--type", options->type, entry_types, "Only an entry of this type");
}

} // namespace

void add_ds(Registry& verbs) {
    auto options = std::make_shared<EntryOptions>();
    const Action list = [options](Session& session) { return list_entries(session, *options); };
    VerbParser& parser = verbs.add({.name = "ds",
                                    .summary = "List, read and change the entries of the data store.",
                                    .description = "Without another word: list all entries.",
                                    .examples = {}},
                                   list);
    VerbParser& list_parser =
        verbs.add(parser,
                  {.name = "list",
                   .summary = "List the entries.",
                   .description = "The value of a label is the endpoint that bears it, that of memory and of a map its "
                                  "length in bytes. Calls ds.list.",
                   .examples = {{"tess ds list", R"(KEY           TYPE    OWNER    VALUE
boot.console  string  rs       com1
ds            label   rs       4099
e1000         label   rs       4101
net.mtu       u32     netmgmt  1500
)"}}},
                  list);
    list_parser.text("PREFIX", options->prefix, "Only keys that begin with this");
    add_get(verbs, parser, options);
    add_ds_read(verbs, parser);
    add_publish(verbs, parser);
    add_ds_snapshot(verbs, parser);
    add_delete(verbs, parser, options);
}

} // namespace tessera::tess
