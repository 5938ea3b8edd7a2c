// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The tests of the program posix_tests by number, and how target_tests asks for one.

#include "servers/protocols/protocol.h"
#include <array>

namespace tessera::target::posix {

inline constexpr std::array process_test_names{
    std::string_view{"process.exit_codes"}, std::string_view{"process.numbers"},
    std::string_view{"process.memory"},     std::string_view{"process.exec"},
    std::string_view{"process.exec_fails"}, std::string_view{"process.wait_errors"},
    std::string_view{"process.no_hang"},    std::string_view{"process.waitid"},
    std::string_view{"process.zombies"},    std::string_view{"process.orphan"},
    std::string_view{"process.children"},   std::string_view{"process.fork_bomb"},
};

inline constexpr std::array signal_test_names{
    std::string_view{"signal.raise"},         std::string_view{"signal.deaths"},
    std::string_view{"signal.kill"},          std::string_view{"signal.fault_address"},
    std::string_view{"signal.fault_again"},   std::string_view{"signal.masks"},
    std::string_view{"signal.in_handler"},    std::string_view{"signal.child"},
    std::string_view{"signal.wait"},          std::string_view{"signal.sleep"},
    std::string_view{"signal.fork_and_exec"}, std::string_view{"signal.bad_frames"},
};

inline constexpr std::array memory_test_names{
    std::string_view{"memory.copied_on_write"},
    std::string_view{"memory.shared_over_fork"},
    std::string_view{"memory.hints_in_a_row"},
    std::string_view{"memory.until_it_is_out"},
    std::string_view{"memory.shrunk_from_below"},
    std::string_view{"memory.holes"},
    std::string_view{"memory.access"},
    std::string_view{"memory.stack"},
    std::string_view{"memory.heap"},
    std::string_view{"memory.replaced_by_exec"},
    std::string_view{"memory.kept_by_exec"},
};

// Tests have one row of numbers: those of processes, then those of signals, then those of memory.
inline constexpr std::size_t test_count =
    process_test_names.size() + signal_test_names.size() + memory_test_names.size();
constexpr std::string_view test_name(std::size_t test) {
    if (test < process_test_names.size()) return process_test_names[test];
    test -= process_test_names.size();
    return test < signal_test_names.size() ? signal_test_names[test]
                                           : memory_test_names[test - signal_test_names.size()];
}

inline constexpr std::string_view program = "posix_tests";

// input_output: the test failed; the log says why.
struct Run {
    static constexpr std::string_view name = "run";
    static constexpr protocol::Repeat repeat = protocol::Repeat::once;
    struct Request {
        std::uint64_t test;
    };
    using Reply = protocol::Nothing;
    static constexpr std::array errors{Status::input_output, Status::invalid};
};

using SuiteProtocol = protocol::Protocol<static_cast<protocol::ProtocolId>(0x101), Run>;

} // namespace tessera::target::posix
