// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/tess/scripted_system.h"

#include "tools/tess-cli/output/json_view.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>

namespace tessera::tess {

namespace {

using namespace std::chrono_literals;

constexpr Duration call_time = 5ms;
/// One step of the generation in an endpoint (kernel/abi/endpoint.h).
constexpr std::uint64_t next_generation = 4096;
constexpr auto uptime_at_start = 123s;

std::map<std::string, Json> read_golden_replies() {
    std::map<std::string, Json> replies;
    for (const auto& entry : std::filesystem::directory_iterator{TESS_GOLDEN_FOLDER}) {
        std::ifstream file{entry.path()};
        auto reply = parse_json(std::string{std::istreambuf_iterator<char>{file}, {}});
        INFO(entry.path());
        REQUIRE(reply);
        replies.emplace(entry.path().stem().string(), std::move(*reply));
    }
    return replies;
}

const std::map<std::string, Json>& golden_replies() {
    static const auto replies = read_golden_replies();
    return replies;
}

/// The item of a list whose member is as wanted; null when there is none.
Json* item_with(Json& list, const char* name, const Json& wanted) {
    if (!list.is_object() || !list["items"].is_array()) return nullptr;
    for (Json& item : list["items"]) {
        if (member(item, name) == wanted) return &item;
    }
    return nullptr;
}

class ScriptedChannel final : public Channel {
public:
    explicit ScriptedChannel(ScriptedSystem& system) : system_{system} {}
    [[nodiscard]] const Hello& hello() const override { return system_.hello; }
    [[nodiscard]] Result<Json> call(std::string_view method, const Json& params, Instant) override {
        return system_.answer(std::string{method}, params);
    }

private:
    ScriptedSystem& system_;
};

class ScriptedConnector final : public Connector {
public:
    explicit ScriptedConnector(ScriptedSystem& system) : system_{system} {}
    [[nodiscard]] Result<std::unique_ptr<Channel>> connect(Instant) override {
        system_.clock.advance(call_time);
        if (system_.refuse_connections > 0) {
            --system_.refuse_connections;
            return no_connection("cannot connect to the script", "have patience");
        }
        ++system_.connections;
        return std::make_unique<ScriptedChannel>(system_);
    }

private:
    ScriptedSystem& system_;
};

} // namespace

ScriptedSystem::ScriptedSystem(HandClock& hand_clock)
    : clock{hand_clock},
      hello{.product = "Tessera", .version = "0.1.0", .build = "a1b2c3d", .mode = "open", .protocol = 1},
      replies{golden_replies()},
      started_{hand_clock.now()} {}

std::unique_ptr<Connector> ScriptedSystem::connector() { return std::make_unique<ScriptedConnector>(*this); }

Result<Json> ScriptedSystem::answer(const std::string& method, const Json& params) {
    clock.advance(call_time);
    calls.emplace_back(method, params);
    let_time_pass();
    auto reply = reply_to(method, params);
    // A copy, because the function may replace itself.
    const auto notify = after_call;
    notify(method);
    return reply;
}

Result<Json> ScriptedSystem::reply_to(const std::string& method, const Json& params) {
    if (const auto failure = failures.find(method); failure != failures.end()) return Failed{failure->second};
    if (method == "system.ping") return params;
    if (method == "service.restart") {
        come_back(text(params, "label"));
        return Json{{"label", text(params, "label")}};
    }
    if (method == "fault.arm") {
        kill_later(text(params, "target"));
        return Json{{"fault", ++faults_}, {"target", text(params, "target")}, {"armed", true}};
    }
    if (method == "vm.process") return memory_of(member(params, "endpoint"));
    if (method == "system.uptime") {
        Json uptime = replies.at(method);
        if (!uptime_moves || !uptime.is_object()) return uptime;
        const auto up = std::chrono::nanoseconds{uptime_at_start} + (clock.now() - started_);
        uptime["nanoseconds"] = std::to_string(up.count());
        uptime["timestamp_counter"] = std::to_string(up.count() + 456'789'012);
        return uptime;
    }
    const auto reply = replies.find(method);
    if (reply != replies.end() && method == "ds.list" && pages > 1) return page_of(reply->second, params);
    if (reply != replies.end()) return reply->second;
    return Failed{Failure{ExitCode::refused, method + ": no such method (code -32601)", "", -32601}};
}

Result<Json> ScriptedSystem::memory_of(const Json& endpoint) {
    Json usage = replies.at("vm.process");
    if (!usage.contains("resident_pages")) return usage; // a strange answer
    const Json* process = item_with(replies.at("process.list"), "endpoint", endpoint);
    if (process == nullptr || ended.contains(text(*process, "name"))) {
        return Failed{Failure{ExitCode::refused, "vm.process: no such process", "", -31000, "ESRCH"}};
    }
    usage["endpoint"] = endpoint;
    usage["name"] = text(*process, "name");
    if (const auto held = resident_pages.find(text(*process, "name")); held != resident_pages.end()) {
        usage["resident_pages"] = held->second;
    }
    return usage;
}

Json ScriptedSystem::page_of(const Json& list, const Json& params) const {
    const std::string cursor = text(params, "cursor");
    const unsigned number = cursor == "-" ? 1 : static_cast<unsigned>(cursor.back() - '0');
    Json page = list;
    page["next"] = number == pages ? Json{} : Json(std::format("page {}", number + 1));
    return page;
}

void ScriptedSystem::kill_later(const std::string& label) { pending_.push_back({label, clock.now() + fuse}); }

void ScriptedSystem::come_back(const std::string& label) {
    if (!restarts_work || !replies.at("service.list").is_object()) return;
    for (Json& service : replies.at("service.list")["items"]) {
        if (text(service, "label") != label) continue;
        service["endpoint"] = number(service, "endpoint").value_or(0) + next_generation;
        service["restarts"] = number(service, "restarts").value_or(0) + 1;
        service["last_reason"] = "killed";
        if (Json* process = item_with(replies.at("process.list"), "name", label)) {
            (*process)["endpoint"] = service["endpoint"];
        }
        Json& entries = replies.at("ds.list");
        if (!entries.is_object()) continue;
        for (Json& entry : entries["items"]) {
            if (text(entry, "key") == label) entry["value"] = service["endpoint"];
        }
    }
    after_restart();
}

void ScriptedSystem::let_time_pass() {
    std::erase_if(pending_, [this](const Pending& pending) {
        if (clock.now() < pending.fires) return false;
        come_back(pending.label);
        return true;
    });
}

} // namespace tessera::tess
