// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/rpc_error.h"

#include <array>
#include <format>

namespace tessera::tess {

namespace {

constexpr std::int64_t not_allowed_code = -31001;

struct Advice {
    std::int64_t code;
    std::string_view text;
};

/// docs/protocol.md lists the codes.
constexpr std::array advices{
    Advice{-32601, "`tess discover` lists the methods of this system"},
    Advice{-32602, "`tess discover --json` says which parameters the method takes"},
    Advice{-31001, "the system was booted locked: boot it in the open mode to look into it"},
    Advice{-31002, "ask for less at a time, or close other connections"},
    Advice{-31003, "a server is restarting: try again in a moment; `tess service` shows its state"},
};

struct ErrnoAdvice {
    std::string_view name;
    std::string_view text;
};

constexpr std::array errno_advices{
    ErrnoAdvice{"ESRCH", "it does not exist (any more): list again, names and endpoints change with every restart"},
    ErrnoAdvice{"EEXIST", "it exists already: add --overwrite to replace it"},
    ErrnoAdvice{"EPERM", "it belongs to another server, which alone may change it"},
    ErrnoAdvice{"ENOMEM", "the server has no room left: delete something first"},
};

std::string_view advice_for(std::int64_t code, std::string_view errno_name) {
    for (const auto& advice : errno_advices) {
        if (advice.name == errno_name) return advice.text;
    }
    for (const auto& advice : advices) {
        if (advice.code == code) return advice.text;
    }
    return {};
}

std::string data_text(const Json& error, const char* name) {
    const auto data = error.find("data");
    if (data == error.end() || !data->is_object()) return {};
    const auto member = data->find(name);
    return member != data->end() && member->is_string() ? member->get<std::string>() : std::string{};
}

} // namespace

Failure failure_from(const Json& error, std::string_view method) {
    if (!error.is_object() || !error.contains("code") || !error.at("code").is_number_integer()) {
        return malformed("an error without a code").error();
    }
    const auto code = error.at("code").get<std::int64_t>();
    std::string message = std::format("{}: ", method);
    if (error.contains("message") && error.at("message").is_string()) {
        message += error.at("message").get_ref<const std::string&>();
    } else {
        message += "refused";
    }
    std::string errno_name = data_text(error, "errno");
    message += std::format(" (code {}", code);
    if (!errno_name.empty()) message += std::format(", {}", errno_name);
    for (const char* detail : {"where", "member", "limit"}) {
        if (const auto text = data_text(error, detail); !text.empty()) message += std::format(", {} {}", detail, text);
    }
    message += ")";
    const ExitCode exit_code = code == not_allowed_code ? ExitCode::not_allowed : ExitCode::refused;
    std::string advice{advice_for(code, errno_name)};
    return Failure{exit_code, std::move(message), std::move(advice), code, std::move(errno_name)};
}

} // namespace tessera::tess
