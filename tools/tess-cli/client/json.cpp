// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/json.h"

#include <array>
#include <format>
#include <optional>

namespace tessera::tess {

namespace {

/// Counts nesting and members without building anything. It need not understand malformed text: the parser refuses
/// that.
class StructureScan {
public:
    [[nodiscard]] std::optional<std::string> first_excess(std::string_view text) {
        for (const char character : text) {
            if (in_string_) {
                skip_string(character);
            } else if (auto excess = step(character)) {
                return excess;
            }
        }
        return std::nullopt;
    }

private:
    void skip_string(char character) {
        if (escaped_) {
            escaped_ = false;
        } else if (character == '\\') {
            escaped_ = true;
        } else if (character == '"') {
            in_string_ = false;
        }
    }

    [[nodiscard]] std::optional<std::string> step(char character) {
        switch (character) {
        case '"':
            in_string_ = true;
            break;
        case '{':
        case '[':
            if (depth_ == json_depth_limit) return std::format("nested deeper than {} levels", json_depth_limit);
            members_[depth_++] = 0;
            break;
        case '}':
        case ']':
            if (depth_ > 0) --depth_;
            break;
        case ':':
            if (depth_ > 0 && ++members_[depth_ - 1] > json_members_limit) {
                return std::format("an object with more than {} members", json_members_limit);
            }
            break;
        default:
            break;
        }
        return std::nullopt;
    }

    std::array<std::size_t, json_depth_limit> members_{};
    std::size_t depth_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
};

std::string dump(const Json& value, int indentation) {
    return value.dump(indentation, ' ', true, Json::error_handler_t::replace);
}

} // namespace

std::expected<Json, std::string> parse_json(std::string_view text) {
    if (auto excess = StructureScan{}.first_excess(text)) return std::unexpected(std::move(*excess));
    Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) return std::unexpected("not valid JSON");
    return value;
}

std::string compact(const Json& value) { return dump(value, -1); }

std::string indented(const Json& value) { return dump(value, 2); }

} // namespace tessera::tess
