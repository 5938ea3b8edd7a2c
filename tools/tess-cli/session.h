// SPDX-License-Identifier: BSD-3-Clause
// All that a verb may use while it runs: one system, a clock, the output, and the user's wishes.
#pragma once

#include "tools/tess-cli/client/channel.h"
#include "tools/tess-cli/client/clock.h"
#include "tools/tess-cli/host.h"
#include "tools/tess-cli/output/output.h"
#include "tools/tess-cli/target.h"

#include <functional>
#include <memory>
#include <string_view>

namespace tessera::tess {

enum class Format { table, json };

struct Preferences {
    Format format = Format::table;
    Duration patience = std::chrono::seconds{10}; ///< for one answer, or for the connection
};

class Session {
public:
    Session(Connector& connector, Clock& clock, Output& output, Host& host, Target target, Preferences preferences);

    /// Calls on the current connection, or on a new one when there is none.
    [[nodiscard]] Result<Json> call(std::string_view method, const Json& params = Json::object());
    /// The same with a patience of its own.
    [[nodiscard]] Result<Json> call(std::string_view method, const Json& params, Instant deadline);

    /// Follows `next` to the end. The result looks like one page that holds all items.
    [[nodiscard]] Result<Json> list(std::string_view method, const Json& params = Json::object());

    /// Writes the result: as it is with --json, as `render` puts it for people.
    [[nodiscard]] Result<void> show(const Result<Json>& result,
                                    const std::function<std::string(const Json&, const Output&)>& render);

    /// The current connection's greeting, whatever protocol it names; connects when there is no connection.
    [[nodiscard]] Result<Hello> greet();
    /// Tries until there is a new connection or the deadline is over.
    [[nodiscard]] Result<void> reconnect(Instant deadline);
    void disconnect() { channel_.reset(); }

    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] Output& output() { return output_; }
    [[nodiscard]] Host& host() { return host_; }
    [[nodiscard]] const Target& target() const { return target_; }
    [[nodiscard]] const Preferences& preferences() const { return preferences_; }
    [[nodiscard]] bool wants_json() const { return preferences_.format == Format::json; }

private:
    [[nodiscard]] Result<void> connect(Instant deadline);

    Connector& connector_;
    Clock& clock_;
    Output& output_;
    Host& host_;
    Target target_;
    Preferences preferences_;
    std::unique_ptr<Channel> channel_;
};

} // namespace tessera::tess
