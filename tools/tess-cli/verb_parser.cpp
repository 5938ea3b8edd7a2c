// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verb_parser.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <format>

namespace tessera::tess {

namespace {

void set_need(CLI::Option& option, Need need) {
    if (need == Need::required) option.required();
}

/// The library's own conversion takes a minus sign for an unsigned number.
std::string number_complaint(const std::string& text, NumberRange range) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec == std::errc{} && parsed.ptr == end && number >= range.least && number <= range.most) return {};
    return std::format("\"{}\" is not a number from {} to {}", text, range.least, range.most);
}

} // namespace

void VerbParser::text(const std::string& names, std::string& value, const std::string& help, Need need) {
    set_need(*app_.add_option(names, value, help), need);
}

void VerbParser::choice(const std::string& names, std::string& value, const std::vector<std::string>& choices,
                        const std::string& help) {
    app_.add_option(names, value, help)->check(CLI::IsMember(choices));
}

void VerbParser::number(const std::string& names, std::uint64_t& value, NumberRange range, const std::string& help,
                        Need need) {
    CLI::Option* option = app_.add_option(names, value, help);
    option->check([range](const std::string& text) { return number_complaint(text, range); });
    set_need(*option, need);
}

void VerbParser::seconds(const std::string& names, double& value, const std::string& help) {
    app_.add_option(names, value, help)->check(CLI::Range(0.01, 86400.0, "SECONDS"));
}

void VerbParser::flag(const std::string& names, bool& value, const std::string& help) {
    app_.add_flag(names, value, help);
}

void VerbParser::require_verb() { app_.require_subcommand(1); }

void VerbParser::pass_on(std::vector<std::string>& words) {
    app_.prefix_command()->fallthrough(false)->set_help_flag();
    app_.parse_complete_callback([this_app = &app_, &words] { words = this_app->remaining(); });
}

} // namespace tessera::tess
