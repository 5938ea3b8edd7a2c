// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/recovery.h"

#include "tools/tess-cli/output/json_view.h"

#include <algorithm>
#include <format>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

constexpr Duration between_polls = 10ms;
/// An answer that takes longer is taken as lost with the network or the management server: connect anew.
constexpr Duration stall = 500ms;

enum class FaultState { unknown, armed, fired, failed };

class Watch {
public:
    Watch(Session& session, const ServiceView& before, std::optional<std::uint64_t> fault, Instant deadline)
        : session_{session},
          before_{before},
          fault_{fault},
          deadline_{deadline},
          last_unharmed_{session.clock().now()} {}

    Result<Recovery> until_recovered() {
        while (session_.clock().now() < deadline_) {
            const auto done = poll();
            if (!done) return Failed{done.error()};
            if (*done) return recovery_;
            const auto paused = session_.clock().pause(between_polls);
            if (!paused) return Failed{paused.error()};
        }
        return refused(std::format("{} did not come back in time: {}", before_.label, last_seen_),
                       "`tess service` and `tess log` show what happened; wait longer with --recovery");
    }

private:
    /// True when the service is back.
    Result<bool> poll() {
        const auto list = session_.call("service.list", Json::object(), call_deadline());
        if (!list) return survive(list.error());
        const auto service = find_service(*list, before_.label);
        if (!service) return Failed{service.error()};
        const Instant answered = session_.clock().now();
        last_seen_ = std::format("its state is \"{}\"", service->state);
        if (service->is_given_up()) {
            return refused(std::format("{} will not come back: its state is \"{}\" ({})", before_.label, service->state,
                                       service->last_reason),
                           "`tess log` shows why; its restart policy is in `tess service`");
        }
        const bool is_new = service->endpoint != before_.endpoint;
        if (is_new && service->is_running()) {
            recovery_.after = *service;
            recovery_.gap = answered - last_unharmed_;
            return true;
        }
        if (!is_new && service->is_running()) return look_at_fault(answered);
        return false;
    }

    /// The service shows no harm yet; what about the fault?
    Result<bool> look_at_fault(Instant answered) {
        switch (fault_state()) {
        case FaultState::unknown:
        case FaultState::armed:
            last_unharmed_ = answered;
            break;
        case FaultState::fired:
            last_seen_ = "the fault fired, but it still runs";
            break;
        case FaultState::failed:
            return refused(std::format("the fault could not be injected into {}", before_.label),
                           "`tess fault list` and `tess log` show why");
        }
        return false;
    }

    FaultState fault_state() {
        if (!fault_) return FaultState::unknown;
        const auto list = session_.call("fault.list", Json::object(), call_deadline());
        if (!list) return FaultState::unknown; // the next poll meets the same trouble and deals with it
        for (const Json& fault : items_of(*list)) {
            if (number(fault, "fault") != fault_) continue;
            const std::string state = text(fault, "state");
            if (state == "fired") return FaultState::fired;
            return state == "failed" ? FaultState::failed : FaultState::armed;
        }
        return FaultState::unknown;
    }

    /// Failures belong to a restart; only those that will not pass end the watch.
    Result<bool> survive(const Failure& failure) {
        if (!worth_reconnecting(failure)) return Failed{failure};
        last_seen_ = failure.message;
        if (failure.code) return false;
        const auto reconnected = session_.reconnect(deadline_);
        ++recovery_.reconnects;
        if (!reconnected && !worth_reconnecting(reconnected.error())) return Failed{reconnected.error()};
        if (!reconnected) last_seen_ = reconnected.error().message;
        return false;
    }

    Instant call_deadline() { return std::min(deadline_, session_.clock().now() + stall); }

    Session& session_;
    const ServiceView& before_;
    std::optional<std::uint64_t> fault_;
    Instant deadline_;
    Instant last_unharmed_;
    std::string last_seen_ = "it was not looked at";
    Recovery recovery_;
};

} // namespace

Result<Recovery> watch_restart(Session& session, const ServiceView& before, std::optional<std::uint64_t> fault,
                               Instant deadline) {
    return Watch{session, before, fault, deadline}.until_recovered();
}

} // namespace tessera::tess
