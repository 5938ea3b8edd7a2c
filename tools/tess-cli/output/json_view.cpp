// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/json_view.h"

#include "tools/tess-cli/output/human.h"

#include <charconv>

namespace tessera::tess {

namespace {

constexpr std::string_view nothing = "-";

} // namespace

const Json& member(const Json& object, std::string_view name) {
    static const Json null;
    if (!object.is_object()) return null;
    const auto found = object.find(std::string{name});
    return found == object.end() ? null : *found;
}

std::optional<std::uint64_t> number_of(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0) return value.get<std::uint64_t>();
    if (!value.is_string()) return std::nullopt;
    const auto& digits = value.get_ref<const std::string&>();
    std::uint64_t result = 0;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, result);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return result;
}

std::optional<std::uint64_t> number(const Json& object, std::string_view name) {
    return number_of(member(object, name));
}

std::optional<std::chrono::nanoseconds> nanoseconds(const Json& object, std::string_view name) {
    const auto count = number(object, name);
    if (!count || *count > static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count())) return std::nullopt;
    return std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(*count)};
}

std::string text_of(const Json& value) {
    if (value.is_null()) return std::string{nothing};
    if (value.is_string()) return value.get<std::string>();
    return compact(value);
}

std::string text(const Json& object, std::string_view name) { return text_of(member(object, name)); }

std::string grouped_text(const Json& object, std::string_view name) {
    const auto value = number(object, name);
    return value ? grouped(*value) : text(object, name);
}

std::string size_text(const Json& object, std::string_view name) {
    const auto value = number(object, name);
    return value ? human_size(*value) : text(object, name);
}

std::string duration_text(const Json& object, std::string_view name) {
    const auto value = nanoseconds(object, name);
    return value ? human_duration(*value) : text(object, name);
}

bool is_true(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    return value.is_boolean() && value.get<bool>();
}

const Json& items_of(const Json& list) {
    static const Json empty = Json::array();
    const Json& items = member(list, "items");
    return items.is_array() ? items : empty;
}

std::string joined(const Json& object, std::string_view name, std::string_view separator) {
    const Json& values = member(object, name);
    if (!values.is_array() || values.empty()) return std::string{nothing};
    std::string result;
    for (const Json& value : values) {
        if (!result.empty()) result += separator;
        result += text_of(value);
    }
    return result;
}

} // namespace tessera::tess
