// SPDX-License-Identifier: BSD-3-Clause
// Any bytes on a connection: afterwards a ping on the same connection is answered. The seeds are the examples of the
// tables; `fuzz-netmgmt_session --write-seeds DIR` writes them.

#include "tests/unit/netmgmt/support/test_server.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>

using namespace tessera::netmgmt;
using namespace tessera::netmgmt::test;

namespace {

void write_seeds(const std::filesystem::path& folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    for (auto methods : all_methods()) {
        for (const auto& method : methods) {
            std::ofstream(folder / method.text.name)
                << std::format("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{}\",\"params\":{}}}\n", method.text.name,
                               method.text.example.parameters);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int* argument_count, char*** arguments) {
    if (*argument_count == 3 && std::string_view((*arguments)[1]) == "--write-seeds") {
        write_seeds((*arguments)[2]);
        std::exit(0);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TestServer server;
    Peer& peer = server.greeted_peer();
    peer.exchange({reinterpret_cast<const char*>(data), size});
    peer.exchange("\n");
    if (!peer.alive()) std::abort();
    return 0;
}
