// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/json/json_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace tessera::netmgmt {
namespace {

bool is_plain(char character) {
    return character >= ' ' && character < '\x7f' && character != '"' && character != '\\';
}

/// The digits of a number on the stack.
class Digits {
public:
    template <class Integer> explicit Digits(Integer number, int base = 10) {
        size_ =
            static_cast<std::size_t>(std::to_chars(digits_.begin(), digits_.end(), number, base).ptr - digits_.begin());
    }

    operator std::string_view() const { return {digits_.data(), size_}; }

private:
    std::array<char, 20> digits_; // 2^64 and -2^63 have 20 characters
    std::size_t size_;
};

} // namespace

void JsonWriter::separate() {
    if (needs_comma_) put(",");
    needs_comma_ = true;
}

void JsonWriter::value(std::string_view text) {
    separate();
    put(text);
}

void JsonWriter::open(std::string_view bracket) {
    value(bracket);
    needs_comma_ = false;
}

void JsonWriter::close(std::string_view bracket) {
    put(bracket);
    needs_comma_ = true;
}

void JsonWriter::key(std::string_view name) {
    separate();
    quoted(name);
    put(":");
    needs_comma_ = false;
}

void JsonWriter::number(std::int64_t number) { value(Digits(number)); }

void JsonWriter::number(std::uint64_t number) { value(Digits(number)); }

void JsonWriter::text(std::string_view text) {
    separate();
    quoted(text);
}

void JsonWriter::decimal_text(std::uint64_t number) {
    value("\"");
    put(Digits(number));
    put("\"");
}

void JsonWriter::hexadecimal_text(std::uint64_t number) {
    value("\"0x");
    put(Digits(number, 16));
    put("\"");
}

void JsonWriter::quoted(std::string_view text) {
    if (std::ranges::all_of(text, is_plain)) {
        put("\"");
        put(text);
        put("\"");
        return;
    }
    constexpr int one_line = -1;
    constexpr bool as_utf8 = false;
    put(nlohmann::json(text).dump(one_line, ' ', as_utf8, nlohmann::json::error_handler_t::replace));
}

void JsonWriter::return_to(std::size_t mark) {
    out_.truncate(mark);
    fits_ = true;
}

} // namespace tessera::netmgmt
