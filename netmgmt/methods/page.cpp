// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/methods/page.h"

#include "netmgmt/json/utf8.h"

#include <charconv>
#include <format>

namespace tessera::netmgmt {
std::string cursor_text(Position position) { return std::format("{:x}", position.value); }

Outcome<Position> read_cursor(const std::optional<std::string>& cursor) {
    Position position;
    if (!cursor) return position;
    const char* end = cursor->data() + cursor->size();
    auto [stopped, error] = std::from_chars(cursor->data(), end, position.value, 16);
    if (error != std::errc() || stopped != end) {
        return std::unexpected(invalid_parameters({"cursor", "is none that a page gave as next"}));
    }
    return position;
}

Outcome<FieldSet> read_fields(const std::optional<std::vector<std::string>>& fields,
                              std::span<const SchemaMember> members) {
    if (!fields) return all_fields();
    FieldSet selected;
    for (const auto& field : *fields) {
        auto found = std::ranges::find(members, field, &SchemaMember::name);
        if (found == members.end()) {
            return std::unexpected(
                invalid_parameters({"fields", std::format("names no member \"{}\"", clip(field, 64))}));
        }
        selected.set(static_cast<std::size_t>(found - members.begin()));
    }
    return selected;
}

void PageFrame::begin() {
    out_.begin_object();
    out_.key("items");
    out_.begin_array();
}

std::optional<std::size_t> PageFrame::begin_item() const {
    if (count_ == limit_) return std::nullopt;
    return out_.mark();
}

bool PageFrame::end_item(std::size_t mark) {
    // For the end of the page: next and the trailer.
    constexpr std::size_t kept_free = 256;
    if (!out_.fits() || out_.room() < kept_free) {
        out_.return_to(mark);
        return false;
    }
    ++count_;
    return true;
}

void PageFrame::end() {
    out_.end_array();
    out_.key("next");
    if (next_)
        out_.text(cursor_text(*next_));
    else
        out_.null();
}

} // namespace tessera::netmgmt
