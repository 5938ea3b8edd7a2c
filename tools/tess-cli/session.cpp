// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/session.h"

#include "tools/tess-cli/client/reconnect.h"
#include "tools/tess-cli/output/json_view.h"

#include <format>
#include <utility>

namespace tessera::tess {

namespace {

/// No list of a system is this long; one that is does not end.
constexpr std::size_t items_limit = 1'000'000;

/// Moves the page's items to the end of `whole`, adds up what was dropped, and takes over the other members, which
/// later pages know better.
Result<void> append_page(Json& whole, Json&& page, std::string_view method) {
    if (!page.is_object() || !member(page, "items").is_array()) {
        return malformed(std::format("{} without items", method));
    }
    for (auto& [name, value] : page.items()) {
        if (name == "items") {
            for (Json& item : value) whole["items"].push_back(std::move(item));
        } else if (name == "dropped" && number_of(value)) {
            whole[name] = std::to_string(number(whole, "dropped").value_or(0) + *number_of(value));
        } else {
            whole[name] = std::move(value);
        }
    }
    if (whole["items"].size() > items_limit) return malformed(std::format("{} that does not end", method));
    return {};
}

} // namespace

Session::Session(Connector& connector, Clock& clock, Output& output, Host& host, Target target, Preferences preferences)
    : connector_{connector},
      clock_{clock},
      output_{output},
      host_{host},
      target_{std::move(target)},
      preferences_{preferences} {}

Result<void> Session::connect(Instant deadline) {
    if (channel_) return {};
    auto channel = connector_.connect(deadline);
    if (!channel) return Failed{channel.error()};
    channel_ = std::move(*channel);
    return {};
}

Result<Hello> Session::greet() {
    const auto connected = connect(clock_.now() + preferences_.patience);
    if (!connected) return Failed{connected.error()};
    return channel_->hello();
}

Result<void> Session::reconnect(Instant deadline) {
    disconnect();
    auto channel = connect_until(connector_, clock_, deadline);
    if (!channel) return Failed{channel.error()};
    channel_ = std::move(*channel);
    return {};
}

Result<Json> Session::call(std::string_view method, const Json& params) {
    return call(method, params, clock_.now() + preferences_.patience);
}

Result<Json> Session::call(std::string_view method, const Json& params, Instant deadline) {
    const auto connected = connect(deadline);
    if (!connected) return Failed{connected.error()};
    const auto understood = check_protocol(channel_->hello());
    if (!understood) return Failed{understood.error()};
    auto result = channel_->call(method, params, deadline);
    // A connection that failed once may be in the middle of a line: it is of no further use.
    if (!result && !result.error().code) disconnect();
    return result;
}

Result<Json> Session::list(std::string_view method, const Json& params) {
    Json whole = Json::object({{"items", Json::array()}});
    Json page_params = params;
    for (;;) {
        auto page = call(method, page_params);
        if (!page) return page;
        const auto appended = append_page(whole, std::move(*page), method);
        if (!appended) return Failed{appended.error()};
        const Json next = member(whole, "next");
        whole["next"] = nullptr;
        if (next.is_null()) return whole;
        if (!next.is_string() || next == member(page_params, "cursor")) {
            return malformed(std::format("{} with a page that leads nowhere", method));
        }
        page_params["cursor"] = next;
    }
}

Result<void> Session::show(const Result<Json>& result,
                           const std::function<std::string(const Json&, const Output&)>& render) {
    if (!result) return Failed{result.error()};
    output_.write(wants_json() ? compact(*result) + "\n" : render(*result, output_));
    return {};
}

} // namespace tessera::tess
