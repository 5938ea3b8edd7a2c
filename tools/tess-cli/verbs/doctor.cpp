// SPDX-License-Identifier: BSD-3-Clause
// tess doctor: looks at everything between this program and the system, in the order in which it can go wrong.
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/verbs/checks.h"
#include "tools/tess-cli/verbs/read_methods.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <algorithm>
#include <format>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

/// Long enough to see the system's clock move, short enough not to be noticed.
constexpr Duration clock_probe = 200ms;

class Doctor {
public:
    explicit Doctor(Session& session) : session_{session} {}

    Result<void> run() {
        look_at_host();
        auto looked = look_at_system();
        session_.output().write(session_.wants_json() ? compact(findings_.document()) + "\n"
                                                      : findings_.text(session_.output()));
        if (!looked) return looked;
        if (findings_.count(Verdict::bad) == 0) return {};
        return refused(std::format("{} checks failed", findings_.count(Verdict::bad)),
                       "the advice under each failed check");
    }

private:
    void look_at_host() {
        const Target& target = session_.target();
        findings_.good("target", std::format("{} (port: {})", to_text(target.address), target.reason));
        bool any_runs = false;
        for (const Instance& instance : target.instances) {
            if (instance.liveness == Liveness::running) {
                any_runs = true;
                findings_.good("state files", std::format("port {}: {}, pid {}, started {}", instance.port,
                                                          instance.machine, instance.process, instance.started));
            } else {
                findings_.warning("state files",
                                  std::format("port {}: pid {} is gone", instance.port, instance.process),
                                  std::format("tools/run --stop --port {}, which clears {}", instance.port,
                                              instance.state_file.filename().string()));
            }
        }
        if (!any_runs) findings_.good("state files", "tools/run has no system running on this machine");
    }

    /// Fails when nothing more can be looked at.
    Result<void> look_at_system() {
        const Instant start = session_.clock().now();
        const auto hello = session_.greet();
        if (!hello) {
            findings_.bad("connection", hello.error().message, hello.error().advice);
            return Failed{hello.error()};
        }
        findings_.good("connection", std::format("greeted after {}", human_duration(session_.clock().now() - start)));
        findings_.good("system", std::format("{} {}, build {}", hello->product, hello->version, hello->build));
        const auto understood = check_protocol(*hello);
        if (!understood) {
            findings_.bad("protocol", understood.error().message, understood.error().advice);
            return understood;
        }
        findings_.good("protocol", std::format("version {}", hello->protocol));
        look_at_mode(*hello);
        const auto pinged = ping();
        if (!pinged) return pinged;
        if (hello->mode == "locked") return {};
        for (const auto& look :
             {&Doctor::look_at_methods, &Doctor::look_at_answers, &Doctor::look_at_services, &Doctor::look_at_clock}) {
            auto looked = (this->*look)();
            if (!looked) return looked;
        }
        return {};
    }

    void look_at_mode(const Hello& hello) {
        if (hello.mode == "open") {
            findings_.good("mode", "open: every role is granted");
        } else {
            findings_.warning("mode", std::format("{}: most methods will be refused", hello.mode),
                              "boot the system in the open mode");
        }
    }

    Result<void> ping() {
        const Instant start = session_.clock().now();
        const std::string payload = "doctor";
        const auto pong = session_.call("system.ping", {{"payload", payload}});
        if (!pong) return unanswered("ping", pong.error());
        const auto took = human_duration(session_.clock().now() - start);
        if (text(*pong, "payload") == payload) {
            findings_.good("ping", std::format("answered after {}", took));
        } else {
            findings_.bad("ping", "the payload came back changed",
                          "report it: the management server mixes up its answers");
        }
        return {};
    }

    Result<void> look_at_methods() {
        const auto document = session_.call("rpc.discover");
        if (!document) return unanswered("rpc.discover", document.error());
        const Json& methods = member(*document, "methods");
        std::string missing;
        for (const auto table : {read_methods(), read_methods_of_a_process()}) {
            for (const ReadMethod& method : table) {
                const bool known = std::ranges::any_of(
                    methods, [&](const Json& known_method) { return text(known_method, "name") == method.name; });
                if (!known) missing += std::format(" {}", method.name);
            }
        }
        if (missing.empty()) {
            findings_.good("rpc.discover", std::format("{} methods", methods.size()));
        } else {
            findings_.bad("rpc.discover", "not in the document:" + missing,
                          "use the `tess` of the same source tree as the image");
        }
        return {};
    }

    Result<void> look_at_answers() {
        for (const ReadMethod& method : read_methods()) {
            const auto looked = look_at_answer(method, Json::object());
            if (!looked) return looked;
        }
        const auto processes = session_.list("process.list");
        if (!processes) return unanswered("process.list", processes.error());
        const auto endpoint = endpoint_of_a_service(items_of(*processes));
        if (!endpoint) {
            findings_.bad("process.list", "no service is among the processes",
                          "`tess log` may show why none was started");
            return {};
        }
        for (const ReadMethod& method : read_methods_of_a_process()) {
            const auto looked = look_at_answer(method, {{"endpoint", *endpoint}});
            if (!looked) return looked;
        }
        return {};
    }

    Result<void> look_at_answer(const ReadMethod& method, const Json& params) {
        const auto result =
            method.shape == ResultShape::list ? session_.list(method.name, params) : session_.call(method.name, params);
        const std::string name{method.name};
        if (!result) return unanswered(name, result.error());
        std::string missing;
        const auto note_missing = [&](const Json& object) {
            for (const auto wanted : method.members) {
                if (!object.is_object() || !object.contains(wanted))
                    missing = std::format("a result without \"{}\"", wanted);
            }
        };
        if (method.shape == ResultShape::object) note_missing(*result);
        for (const Json& item : items_of(*result)) note_missing(item);
        if (!missing.empty()) {
            findings_.bad(name, missing, "use the `tess` of the same source tree as the image");
        } else if (method.shape == ResultShape::list) {
            findings_.good(name, std::format("{} items", items_of(*result).size()));
        } else {
            findings_.good(name, "answered");
        }
        return {};
    }

    static std::optional<std::uint64_t> endpoint_of_a_service(const Json& processes) {
        for (const Json& process : processes) {
            if (is_true(process, "service")) return number(process, "endpoint");
        }
        return std::nullopt;
    }

    Result<void> look_at_services() {
        const auto list = session_.list("service.list");
        if (!list) return unanswered("services", list.error());
        std::string troubled;
        for (const Json& service : items_of(*list)) {
            const std::string state = text(service, "state");
            if (state != "running") troubled += std::format(" {} is {}", text(service, "label"), state);
        }
        if (troubled.empty()) {
            findings_.good("services", "all are running");
        } else {
            findings_.warning("services", troubled.substr(1), "`tess service` and `tess log` show why");
        }
        return {};
    }

    Result<void> look_at_clock() {
        const auto first = session_.call("system.uptime");
        if (!first) return unanswered("clock", first.error());
        const Instant start = session_.clock().now();
        const auto paused = session_.clock().pause(clock_probe);
        if (!paused) return paused;
        const auto second = session_.call("system.uptime");
        if (!second) return unanswered("clock", second.error());
        const auto host_time = session_.clock().now() - start;
        const auto guest_time =
            nanoseconds(*second, "nanoseconds").value_or(0ns) - nanoseconds(*first, "nanoseconds").value_or(0ns);
        const bool ticked = number(*second, "timestamp_counter") > number(*first, "timestamp_counter");
        if (guest_time <= 0ns || !ticked) {
            findings_.bad("clock", "the system's time does not go on", "report it with the output of `tess uptime`");
            return {};
        }
        // An emulator's time may go slower or faster than the host's; that is not an error.
        findings_.good("clock",
                       std::format("runs at {:.2f} of the host's speed; up {}",
                                   std::chrono::duration<double>(guest_time) / std::chrono::duration<double>(host_time),
                                   human_duration(nanoseconds(*second, "nanoseconds").value_or(0ns))));
        return {};
    }

    /// A refusal is a finding and the next check goes on; a lost connection ends the visit.
    Result<void> unanswered(const std::string& check, const Failure& failure) {
        findings_.bad(check, failure.message, failure.advice);
        if (failure.code) return {};
        return Failed{failure};
    }

    Session& session_;
    Findings findings_;
};

} // namespace

void add_doctor(Registry& verbs) {
    verbs.add(
        {.name = "doctor",
         .summary = "Check everything between this program and the system, and say what to try.",
         .description =
             "Looks at the state files of tools/run, the connection, the greeting, the protocol version, every method "
             "that reads, the services and the clock. Exit code 1 when a check failed, 3 or 5 when the system "
             "could not be reached.",
         .examples = {{"tess doctor", R"(ok       target: 127.0.0.1:7600 (port: the only running system here)
ok       state files: port 7600: qemu, pid 4242, started 2024-05-01T12:00:00Z
ok       connection: greeted after 5.0 ms
ok       system: Tessera 0.1.0, build a1b2c3d
ok       protocol: version 1
ok       mode: open: every role is granted
ok       ping: answered after 5.0 ms
ok       rpc.discover: 26 methods
ok       system.info: answered
ok       system.uptime: answered
ok       process.list: 4 items
ok       vm.stats: answered
ok       vm.shares: 3 items
ok       vm.share_runs: 3 items
ok       vm.free: 3 items
ok       ds.list: 4 items
ok       grant.list: 5 items
ok       grant.maps: 2 items
ok       grant.graph: answered
ok       service.list: 4 items
ok       kernel.counters: answered
ok       kernel.calls: 3 items
ok       kernel.messages: 3 items
ok       trace.read: 4 items
ok       log.read: 3 items
ok       fault.models: answered
ok       fault.list: 2 items
ok       process.get: answered
ok       vm.process: answered
ok       vm.regions: 4 items
ok       services: all are running
ok       clock: runs at 1.00 of the host's speed; up 2 min 03 s

32 ok, 0 warnings, 0 failed
)"}}},
        [](Session& session) { return Doctor{session}.run(); });
}

} // namespace tessera::tess
