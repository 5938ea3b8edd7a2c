// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/schema/read.h"

#include "netmgmt/json/utf8.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace tessera::netmgmt {
namespace {

/// Longest piece of a peer's own text that an error repeats.
constexpr std::size_t repeated_bytes = 64;

std::string joined(std::span<const std::string_view> names) {
    std::string text;
    for (auto name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

} // namespace

std::string MemberPath::text() const {
    std::string result = outer == nullptr ? std::string() : outer->text();
    if (!result.empty() && !name.empty()) result += '.';
    result += clip(name, repeated_bytes);
    return result;
}

std::unexpected<ReadError> unreadable(const MemberPath& path, std::string reason) {
    return std::unexpected(ReadError{path.text(), std::move(reason)});
}

ReadResult read_value(JsonView json, bool& value, const MemberPath& path, std::optional<Bounds>) {
    auto flag = json.boolean();
    if (!flag) return unreadable(path, "must be true or false");
    value = *flag;
    return {};
}

ReadResult read_value(JsonView json, std::string& value, const MemberPath& path, std::optional<Bounds> bounds) {
    auto text = json.text();
    if (!text) return unreadable(path, "must be a string");
    auto [minimum, maximum] = bounds.value_or(any_text);
    if (std::cmp_less(text->size(), minimum) || std::cmp_greater(text->size(), maximum)) {
        return unreadable(path, std::format("must have {} to {} bytes", minimum, maximum));
    }
    if (text->contains('\0')) return unreadable(path, "must not contain NUL");
    value = *text;
    return {};
}

ReadResult read_value(JsonView json, EndpointNumber& value, const MemberPath& path, std::optional<Bounds> bounds) {
    return read_value(json, value.value, path, bounds);
}

ReadResult read_integer(JsonView json, std::uint64_t& value, const MemberPath& path, Bounds bounds) {
    auto number = json.unsigned_integer();
    if (!number || std::cmp_less(*number, bounds.minimum) || std::cmp_greater(*number, bounds.maximum)) {
        return unreadable(path, std::format("must be an integer from {} to {}", bounds.minimum, bounds.maximum));
    }
    value = *number;
    return {};
}

ReadResult read_decimal(JsonView json, std::uint64_t& value, const MemberPath& path) {
    const std::string_view text = json.text().value_or("");
    const char* end = text.data() + text.size();
    std::uint64_t number = 0;
    auto [stopped, error] = std::from_chars(text.data(), end, number);
    const bool has_leading_zero = text.size() > 1 && text.front() == '0';
    if (text.empty() || error != std::errc() || stopped != end || has_leading_zero) {
        return unreadable(path, "must be a string of decimal digits below 2^64");
    }
    value = number;
    return {};
}

ReadResult read_name(JsonView json, std::size_t& index, const MemberPath& path,
                     std::span<const std::string_view> names) {
    auto text = json.text();
    auto found = text ? std::ranges::find(names, *text) : names.end();
    if (found == names.end()) return unreadable(path, std::format("must be one of: {}", joined(names)));
    index = static_cast<std::size_t>(found - names.begin());
    return {};
}

ReadResult read_array_size(JsonView json, const MemberPath& path, Bounds bounds) {
    if (!json.is_array()) return unreadable(path, "must be an array");
    if (std::cmp_less(json.size(), bounds.minimum) || std::cmp_greater(json.size(), bounds.maximum)) {
        return unreadable(path, std::format("must have {} to {} elements", bounds.minimum, bounds.maximum));
    }
    return {};
}

ReadResult read_value(JsonView json, std::variant<std::uint32_t, std::string>& value, const MemberPath& path,
                      std::optional<Bounds> bounds) {
    if (json.text()) return read_value(json, value.emplace<std::string>(), path, bounds);
    if (json.is_integer()) return read_value(json, value.emplace<std::uint32_t>(), path, std::nullopt);
    return unreadable(path, "must be an integer or a string");
}

ReadResult check_members(JsonView json, std::span<const SchemaMember> members, const MemberPath& path) {
    if (!json.is_object()) return unreadable(path, "must be an object");
    for (auto name : json.member_names()) {
        if (std::ranges::find(members, name, &SchemaMember::name) == members.end()) {
            return unreadable(MemberPath{&path, name}, "is unknown");
        }
    }
    return {};
}

} // namespace tessera::netmgmt
