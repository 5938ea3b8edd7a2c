// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/json/json_view.h"

#include <nlohmann/json.hpp>

namespace tessera::netmgmt {

JsonView JsonView::empty_object() {
    static const nlohmann::json object = nlohmann::json::object();
    return JsonView(object);
}

bool JsonView::is_null() const { return value_->is_null(); }
bool JsonView::is_object() const { return value_->is_object(); }
bool JsonView::is_array() const { return value_->is_array(); }
bool JsonView::is_integer() const { return value_->is_number_integer(); }

std::optional<bool> JsonView::boolean() const {
    if (const auto* value = value_->get_ptr<const bool*>()) return *value;
    return std::nullopt;
}

std::optional<std::uint64_t> JsonView::unsigned_integer() const {
    // The parser keeps what is not negative as unsigned, and what has a fraction or an exponent as double.
    if (const auto* value = value_->get_ptr<const std::uint64_t*>()) return *value;
    return std::nullopt;
}

std::optional<std::string_view> JsonView::text() const {
    if (const auto* value = value_->get_ptr<const std::string*>()) return *value;
    return std::nullopt;
}

std::size_t JsonView::size() const { return value_->size(); }

JsonView JsonView::element(std::size_t index) const { return JsonView(value_->at(index)); }

std::optional<JsonView> JsonView::find(std::string_view name) const {
    auto found = value_->find(name);
    if (found == value_->end()) return std::nullopt;
    return JsonView(*found);
}

std::vector<std::string_view> JsonView::member_names() const {
    std::vector<std::string_view> names;
    names.reserve(value_->size());
    for (const auto& [name, value] : value_->get_ref<const nlohmann::json::object_t&>()) names.emplace_back(name);
    return names;
}

std::string JsonView::json() const { return value_->dump(); }

} // namespace tessera::netmgmt
