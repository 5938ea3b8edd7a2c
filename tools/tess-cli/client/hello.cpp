// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/hello.h"

#include <format>

namespace tessera::tess {

namespace {

std::string member_text(const Json& object, const char* name) {
    const auto member = object.find(name);
    return member != object.end() && member->is_string() ? member->get<std::string>() : std::string{};
}

} // namespace

Result<Hello> parse_hello(std::string_view line) {
    const auto message = parse_json(line);
    if (!message) return malformed(std::format("its greeting is {}", message.error()));
    if (!message->is_object() || member_text(*message, "method") != "hello" || !message->contains("params") ||
        !message->at("params").is_object()) {
        return malformed("its first line is not a greeting");
    }
    const Json& params = message->at("params");
    Hello hello{.product = member_text(params, "product"),
                .version = member_text(params, "version"),
                .build = member_text(params, "build"),
                .mode = member_text(params, "mode")};
    if (hello.product != "Tessera") return malformed("it greets as another product");
    if (const auto protocol = params.find("protocol"); protocol != params.end() && protocol->is_number_integer()) {
        hello.protocol = protocol->get<std::int64_t>();
    }
    if (const auto features = params.find("features"); features != params.end() && features->is_array()) {
        for (const Json& feature : *features) {
            if (feature.is_string()) hello.features.push_back(feature.get<std::string>());
        }
    }
    return hello;
}

Result<void> check_protocol(const Hello& hello) {
    if (hello.protocol == protocol_version) return {};
    return no_connection(
        std::format("the system speaks protocol version {}, this program version {}", hello.protocol, protocol_version),
        "use the `tess` of the same source tree as the running image");
}

} // namespace tessera::tess
