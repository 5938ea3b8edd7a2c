// SPDX-License-Identifier: BSD-3-Clause
// Every configuration file of the source tree.

#include "servers/configuration/call_graph.h"
#include "servers/configuration/parser.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace tessera::configuration;

namespace {

std::filesystem::path source_root() {
    const char* const root = std::getenv("TESSERA_SOURCE_ROOT");
    REQUIRE(root != nullptr);
    return root;
}

std::vector<std::filesystem::path> configuration_files() {
    std::vector<std::filesystem::path> files;
    for (const char* part : {"servers", "netmgmt", "tests/target", "tests/bench"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(source_root() / part))
            if (entry.path().extension() == ".conf") files.push_back(entry.path());
    return files;
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator(file), {}};
}

} // namespace

TEST_CASE("configuration: committed files are right, and fit together") {
    std::vector<ServiceConfiguration> services;
    for (const auto& path : configuration_files()) {
        const auto service = parse(path.filename().string(), contents(path));
        INFO((service.has_value() ? path.string() : service.error().message));
        REQUIRE(service.has_value());
        services.push_back(*service);
    }
    CHECK(services.size() >= 5);
    for (const std::string& problem : call_graph_problems(services)) FAIL_CHECK(problem);
}
