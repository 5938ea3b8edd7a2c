// SPDX-License-Identifier: BSD-3-Clause
// Typed access to the values of a configuration file.

#include "servers/configuration/field.h"
#include <format>

namespace tessera::configuration {

namespace {

std::string join(std::span<const std::string_view> names) {
    std::string all;
    for (const std::string_view name : names) all += std::format("{}\"{}\"", all.empty() ? "" : ", ", name);
    return all;
}

} // namespace

void Field::fail(std::string_view what, std::string_view allowed) const {
    const std::string where = path_.empty() ? std::string() : path_ + ": ";
    throw FieldError(std::format("{}{}; allowed: {}", where, what, allowed));
}

std::string Field::text(std::size_t length_limit, std::string_view allowed) const {
    if (!value_->is_string()) fail("is not a string", allowed);
    const auto& value = value_->get_ref<const std::string&>();
    if (value.empty()) fail("is empty", allowed);
    if (value.size() > length_limit) fail(std::format("is longer than {} characters", length_limit), allowed);
    if (value.find('\0') != std::string::npos) fail("contains a NUL", allowed);
    return value;
}

std::uint64_t Field::number(std::uint64_t lowest, std::uint64_t highest) const {
    const std::string allowed = std::format("{}..{}", lowest, highest);
    if (!value_->is_number_integer()) fail("is not a whole number", allowed);
    const bool negative = !value_->is_number_unsigned() && value_->get<std::int64_t>() < 0;
    if (negative || value_->get<std::uint64_t>() < lowest || value_->get<std::uint64_t>() > highest)
        fail(value_->dump() + " is out of range", allowed);
    return value_->get<std::uint64_t>();
}

std::vector<Field> Field::list(std::size_t length_limit, std::string_view allowed) const {
    if (!value_->is_array()) fail("is not a list", allowed);
    if (value_->size() > length_limit) fail(std::format("has more than {} elements", length_limit), allowed);
    std::vector<Field> elements;
    for (std::size_t i = 0; i < value_->size(); ++i)
        elements.emplace_back(std::format("{}[{}]", path_, i), (*value_)[i]);
    return elements;
}

std::size_t Field::choice(std::span<const std::string_view> names) const {
    const std::string allowed = join(names);
    if (!value_->is_string()) fail("is not a string", allowed);
    const auto& value = value_->get_ref<const std::string&>();
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == value) return i;
    fail(std::format("\"{}\" is not known", value), allowed);
}

} // namespace tessera::configuration
