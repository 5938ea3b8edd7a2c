// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/json/strict_parser.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace tessera::netmgmt {
namespace {

using Json = nlohmann::json;

/// Empties containers from the innermost outwards: an empty one is destroyed without taking memory.
void take_apart(Json& json) {
    for (auto& child : json) {
        if (child.is_structured()) take_apart(child);
    }
    json.clear();
}

/// Builds the value from the events of nlohmann's SAX parser; an event that returns false ends the parsing.
class StrictBuilder final : public nlohmann::json_sax<Json> {
public:
    StrictBuilder(Json& root, const ParseLimits& limits) : limits_(limits), root_(root) {
        open_.reserve(limits.nesting);
    }

    bool null() override { return add(nullptr) != nullptr; }
    bool boolean(bool value) override { return add(value) != nullptr; }
    bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
    bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
    bool number_float(number_float_t value, const string_t&) override { return add(value) != nullptr; }
    bool string(string_t& value) override { return fits(value) && add(std::move(value)) != nullptr; }
    bool binary(binary_t&) override { return fail(ParseFailure::malformed); }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (!fits(name)) return false;
        if (name.contains('\0')) return fail(ParseFailure::nul_in_key);
        auto [place, is_new] = open_.back()->emplace(std::move(name), nullptr);
        if (!is_new) return fail(ParseFailure::duplicate_key);
        member_ = &*place;
        return true;
    }

    bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
        constexpr int number_overflow = 406; // nlohmann's json.exception.out_of_range.406
        byte_ = byte;
        return fail(error.id == number_overflow ? ParseFailure::number_out_of_range : ParseFailure::malformed);
    }

    [[nodiscard]] ParseError error() const { return {failure_.value_or(ParseFailure::malformed), byte_}; }

private:
    bool fail(ParseFailure failure) {
        if (!failure_) failure_ = failure;
        return false;
    }

    bool fits(const string_t& text) {
        return text.size() <= limits_.string_bytes || fail(ParseFailure::string_too_long);
    }

    template <class Value> Json* add(Value&& value) {
        if (values_ == limits_.values) {
            fail(ParseFailure::too_many_values);
            return nullptr;
        }
        ++values_;
        Json* place = &root_;
        if (!open_.empty() && open_.back()->is_array()) {
            place = &open_.back()->emplace_back();
        } else if (!open_.empty()) {
            place = member_;
        }
        *place = std::forward<Value>(value);
        return place;
    }

    bool open(Json container) {
        if (open_.size() == limits_.nesting) return fail(ParseFailure::too_deep);
        Json* place = add(std::move(container));
        if (place == nullptr) return false;
        // A parent gets no further element while a child is open, so the pointers stay good.
        open_.push_back(place);
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    ParseLimits limits_;
    Json& root_;
    std::vector<Json*> open_;
    Json* member_ = nullptr; ///< the member whose key was read and whose value comes next
    std::size_t values_ = 0;
    std::size_t byte_ = 0;
    std::optional<ParseFailure> failure_;
};

} // namespace

ReceivedDocument::ReceivedDocument(std::unique_ptr<nlohmann::json> root) : root_(std::move(root)) {}

ReceivedDocument::ReceivedDocument(ReceivedDocument&&) noexcept = default;

ReceivedDocument::~ReceivedDocument() {
    if (root_ && root_->is_structured()) take_apart(*root_);
}

std::string_view describe(ParseFailure failure) {
    switch (failure) {
    case ParseFailure::malformed:
        return "not JSON, or not UTF-8";
    case ParseFailure::number_out_of_range:
        return "a number is out of range";
    case ParseFailure::byte_order_mark:
        return "a byte-order mark is not allowed";
    case ParseFailure::nul_byte:
        return "a NUL byte is not allowed";
    case ParseFailure::nul_in_key:
        return "NUL in a key is not allowed";
    case ParseFailure::duplicate_key:
        return "an object has the same key twice";
    case ParseFailure::too_deep:
        return "too many objects and arrays inside each other";
    case ParseFailure::too_many_values:
        return "too many values in one line";
    case ParseFailure::string_too_long:
        return "a string is too long";
    }
    std::unreachable();
}

std::string_view exceeded_limit(ParseFailure failure) {
    switch (failure) {
    case ParseFailure::too_deep:
        return "nesting";
    case ParseFailure::too_many_values:
        return "values";
    case ParseFailure::string_too_long:
        return "string_bytes";
    default:
        return {};
    }
}

std::expected<ReceivedDocument, ParseError> parse_strictly(std::string_view text, const ParseLimits& limits) {
    // nlohmann's scanner skips a byte-order mark and takes a NUL for the end of the text.
    if (text.starts_with("\xef\xbb\xbf")) return std::unexpected(ParseError{ParseFailure::byte_order_mark, 1});
    if (auto nul = text.find('\0'); nul != text.npos)
        return std::unexpected(ParseError{ParseFailure::nul_byte, nul + 1});
    auto root = std::make_unique<Json>();
    Json& value = *root;
    ReceivedDocument document(std::move(root)); // takes the value apart in any case
    StrictBuilder builder(value, limits);
    if (!Json::sax_parse(text, &builder)) return std::unexpected(builder.error());
    return document;
}

} // namespace tessera::netmgmt
