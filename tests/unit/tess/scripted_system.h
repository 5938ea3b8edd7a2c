// SPDX-License-Identifier: BSD-3-Clause
// A system made of golden answers (golden/METHOD.json), in which services can be killed and come back.
#pragma once

#include "tests/unit/tess/hand_clock.h"
#include "tools/tess-cli/client/channel.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tessera::tess {

class ScriptedSystem {
public:
    /// Every call and every connection takes five milliseconds of this clock.
    explicit ScriptedSystem(HandClock& clock);

    /// A connector to this system, as Program wants it.
    [[nodiscard]] std::unique_ptr<Connector> connector();

    /// One call, as if it came over a connection.
    [[nodiscard]] Result<Json> answer(const std::string& method, const Json& params);

    HandClock& clock;
    Hello hello;
    std::map<std::string, Json> replies;             ///< by method
    std::map<std::string, Failure> failures;         ///< by method; wins over a reply
    std::vector<std::pair<std::string, Json>> calls; ///< all that were made, in order
    unsigned connections = 0;
    unsigned refuse_connections = 0;                     ///< so many attempts fail before one succeeds
    unsigned pages = 1;                                  ///< ds.list comes in so many equal pages
    Duration fuse = std::chrono::milliseconds{20};       ///< from fault.arm to the restart
    std::map<std::string, std::uint64_t> resident_pages; ///< by process name; of the others as in the golden vm.process
    std::set<std::string> ended;                         ///< names in process.list that vm.process knows no more
    bool restarts_work = true;
    bool uptime_moves = true;
    /// Called right after a killed service has come back.
    std::function<void()> after_restart = [] {};
    /// Called after every call, with its method.
    std::function<void(const std::string&)> after_call = [](const std::string&) {};

private:
    [[nodiscard]] Result<Json> reply_to(const std::string& method, const Json& params);
    [[nodiscard]] Result<Json> memory_of(const Json& endpoint);
    [[nodiscard]] Json page_of(const Json& list, const Json& params) const;
    void kill_later(const std::string& label);
    void come_back(const std::string& label);
    void let_time_pass();

    struct Pending {
        std::string label;
        Instant fires;
    };
    std::vector<Pending> pending_;
    std::uint64_t faults_ = 2;
    Instant started_;
};

} // namespace tessera::tess
