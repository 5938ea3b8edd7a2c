// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/target.h"

#include <charconv>
#include <format>
#include <utility>

namespace tessera::tess {

namespace {

Result<std::uint16_t> parse_port(const std::string& text) {
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    if (parsed.ec == std::errc{} && parsed.ptr == end && port != 0) return port;
    return bad_usage(std::format("TESSERA_PORT is \"{}\", which is not a port", text),
                     "set it to a number from 1 to 65535, or unset it");
}

} // namespace

Result<Target> choose_target(std::string host, std::optional<std::uint16_t> port, const Host& machine) {
    Target target{{std::move(host), default_port}, "the default", machine.instances()};
    if (port) {
        target.address.port = *port;
        target.reason = "--port";
        return target;
    }
    if (const auto text = machine.environment("TESSERA_PORT")) {
        const auto from_environment = parse_port(*text);
        if (!from_environment) return Failed{from_environment.error()};
        target.address.port = *from_environment;
        target.reason = "TESSERA_PORT";
        return target;
    }
    const Instance* only = nullptr;
    for (const Instance& instance : target.instances) {
        if (instance.liveness == Liveness::gone) continue;
        if (only != nullptr) {
            target.reason = "the default, because several systems run here";
            return target;
        }
        only = &instance;
    }
    if (only != nullptr) {
        target.address.port = only->port;
        target.reason = "the only running system here";
    }
    return target;
}

std::string running_instances(const std::vector<Instance>& instances) {
    std::string result;
    for (const Instance& instance : instances) {
        if (instance.liveness == Liveness::gone) continue;
        result += std::format("{}{} ({})", result.empty() ? "" : ", ", instance.port, instance.machine);
    }
    return result;
}

} // namespace tessera::tess
