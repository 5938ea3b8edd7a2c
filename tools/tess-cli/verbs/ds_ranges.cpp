// SPDX-License-Identifier: BSD-3-Clause
// tess ds read, tess ds snapshot: entries of the data store that hold bytes.
#include "tools/tess-cli/verbs/ds_ranges.h"
#include "tools/tess-cli/output/hexadecimal.h"
#include "tools/tess-cli/output/json_view.h"

#include <algorithm>
#include <format>
#include <limits>

namespace tessera::tess {

namespace {

constexpr std::uint64_t part_bytes = 1024;      // most that ds.read answers
constexpr std::uint64_t most_bytes = 64 * 1024; // of an entry
constexpr std::uint64_t as_it_is = std::numeric_limits<std::uint64_t>::max();

struct ReadOptions {
    std::string key = {};
    std::string type = {};
    std::uint64_t snapshot = as_it_is;
    std::uint64_t offset = 0;
    std::uint64_t limit = most_bytes;
};

Result<Json> read_part(Session& session, const ReadOptions& options, std::uint64_t offset, std::uint64_t bytes) {
    Json params{{"key", options.key}, {"offset", offset}, {"limit", std::min(bytes, part_bytes)}};
    if (!options.type.empty()) params["type"] = options.type;
    if (options.snapshot != as_it_is) params["snapshot"] = options.snapshot;
    return session.call("ds.read", params);
}

// Part by part, until the end or the limit.
Result<Json> read_bytes(Session& session, const ReadOptions& options) {
    Json whole{{"key", options.key}, {"bytes", nullptr}, {"offset", options.offset}, {"contents", ""}};
    std::string contents;
    while (contents.size() / 2 < options.limit) {
        const std::uint64_t done = contents.size() / 2;
        const auto part = read_part(session, options, options.offset + done, options.limit - done);
        if (!part) return part;
        const std::string digits = text(*part, "contents");
        if (digits.size() % 2 != 0 || digits.size() > 2 * part_bytes || !bytes_of_hexadecimal(digits))
            return Failed{Failure{ExitCode::no_connection, "ds.read: the contents are no bytes", "", {}}};
        whole["bytes"] = member(*part, "bytes");
        contents += digits;
        const auto all = number(*part, "bytes").value_or(0);
        if (digits.empty() || options.offset + contents.size() / 2 >= all) break;
    }
    whole["contents"] = std::move(contents);
    return whole;
}

std::string dump(const Json& read, const Output&) {
    const auto bytes = bytes_of_hexadecimal(text(read, "contents")).value_or(std::string{});
    return hexadecimal_dump(bytes, number(read, "offset").value_or(0));
}

} // namespace

void add_ds_read(Registry& verbs, VerbParser& parent) {
    auto options = std::make_shared<ReadOptions>();
    VerbParser& parser =
        verbs.add(parent,
                  {.name = "read",
                   .summary = "Show the bytes of a memory or map entry, or of a snapshot.",
                   .description = "A map that changes meanwhile may show parts of different ages; a snapshot does not. "
                                  "Calls ds.read, for every 1024 bytes.",
                   .examples = {{"tess ds read lab.bytes",
                                 "00000000  68 65 6c 6c 6f 00 ff                              |hello..|\n"}}},
                  [options](Session& session) { return session.show(read_bytes(session, *options), dump); });
    parser.text("KEY", options->key, "Key of the entry", Need::required);
    parser.choice("--type", options->type, {"memory", "map"}, "Which, when both have this key");
    parser.number("--snapshot", options->snapshot, {0, std::numeric_limits<std::uint32_t>::max()},
                  "Of a map: the snapshot of this number");
    parser.number("--offset", options->offset, {0, std::numeric_limits<std::uint32_t>::max()}, "Where to begin");
    parser.number("--limit", options->limit, {1, most_bytes}, "How many bytes at most");
}

void add_ds_snapshot(Registry& verbs, VerbParser& parent) {
    auto key = std::make_shared<std::string>();
    VerbParser& parser = verbs.add(
        parent,
        {.name = "snapshot",
         .summary = "Keep what is in the memory of a map entry now.",
         .description = "The last five of an entry are kept. Calls ds.snapshot.",
         .examples = {{"tess ds snapshot lab.state", "snapshot 0 of lab.state\n"}}},
        [key](Session& session) {
            return session.show(session.call("ds.snapshot", {{"key", *key}}), [&key](const Json& taken, const Output&) {
                return std::format("snapshot {} of {}\n", text(taken, "snapshot"), Cell{*key}.text);
            });
        });
    parser.text("KEY", *key, "Key of the entry", Need::required);
}

} // namespace tessera::tess
