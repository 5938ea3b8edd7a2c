// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/session/line_executor.h"

#include "netmgmt/methods/describe.h"

#include <format>

namespace tessera::netmgmt {
namespace {

constexpr ParseLimits parse_limits{limits::nesting, limits::values, limits::string_bytes};
constexpr std::string_view ping = "system.ping";

RpcError parse_error(const ParseError& error) {
    auto limit = exceeded_limit(error.failure);
    if (!limit.empty()) return limit_exceeded(limit, describe(error.failure));
    if (error.byte == 0) return {ErrorCode::parse, std::string(describe(error.failure))};
    return {ErrorCode::parse, std::format("{}, at byte {}", describe(error.failure), error.byte), {.byte = error.byte}};
}

void begin_reply(JsonWriter& out, std::string_view id) {
    out.begin_object();
    out.key("jsonrpc");
    out.text("2.0");
    out.key("id");
    out.json(id);
}

} // namespace

template <class Action> std::string_view LineExecutor::guarded(Action&& action) noexcept {
    reply_.clear();
    try {
        action();
    } catch (...) {
        reply_.clear();
        append_internal_error("null");
    }
    reply_.reserve(0);
    // Everything before left room for it.
    if (reply_.size() > 0) static_cast<void>(reply_.append("\n"));
    return reply_.view();
}

std::string_view LineExecutor::execute(std::string_view line, Caller& caller) noexcept {
    return guarded([&] { answer_line(line, caller); });
}

std::optional<std::string_view> LineExecutor::execute_ping(std::string_view line, Caller& caller) noexcept {
    if (line.size() > limits::ping_reply_bytes || !line.contains(ping)) return std::nullopt;
    bool is_ping = false;
    auto reply = guarded([&] {
        auto document = parse_strictly(line, parse_limits);
        if (!document) return;
        auto request = read_request(document->root());
        is_ping = !request.error && request.method == ping;
        if (is_ping) answer(document->root(), caller);
    });
    if (!is_ping) return std::nullopt;
    return reply;
}

std::string_view LineExecutor::refuse(ErrorCode code, std::string_view message, std::string_view limit) noexcept {
    return guarded([&] {
        RpcError error{code, std::string(message)};
        if (!limit.empty()) error.data.limit = limit;
        append_error("null", error);
    });
}

void LineExecutor::answer_line(std::string_view line, Caller& caller) {
    auto document = parse_strictly(line, parse_limits);
    if (!document) return append_error("null", parse_error(document.error()));
    if (document->root().is_array()) return answer_batch(document->root(), caller);
    reply_.reserve(1);
    answer(document->root(), caller);
}

void LineExecutor::answer_batch(JsonView batch, Caller& caller) {
    if (batch.size() == 0) return append_error("null", invalid_request("", "a batch has at least one request"));
    if (batch.size() > limits::batch) {
        auto text = std::format("a batch has at most {} requests", limits::batch);
        return append_error("null", limit_exceeded("batch", text));
    }
    for (std::size_t index = 0; index < batch.size(); ++index) {
        constexpr std::size_t end_bytes = 2; // "]" and LF
        reply_.reserve((batch.size() - index - 1) * limits::error_reply_bytes + end_bytes);
        const std::size_t before = reply_.size();
        const bool separated = reply_.append(before == 0 ? "[" : ",");
        const std::size_t start = reply_.size();
        if (separated) answer(batch.element(index), caller);
        if (reply_.size() == start) reply_.truncate(before);
    }
    reply_.reserve(1);
    if (reply_.size() > 0) static_cast<void>(reply_.append("]"));
}

/// Appends the answer to one request, or nothing to a notification.
void LineExecutor::answer(JsonView json, Caller& caller) {
    const std::size_t start = reply_.size();
    RpcRequest request;
    try {
        request = read_request(json);
        if (request.error) return append_error(request.id, *request.error);
        answer_request(request, caller);
    } catch (...) {
        // Out of memory, or a mistake in a method: the session lives on.
        reply_.truncate(start);
        append_internal_error(request.id);
    }
    if (request.is_notification) reply_.truncate(start);
}

void LineExecutor::answer_request(const RpcRequest& request, Caller& caller) {
    const std::size_t start = reply_.size();
    JsonWriter out(reply_);
    begin_reply(out, request.id);
    out.key("result");
    auto outcome = dispatcher_.dispatch(request.method, request.parameters, caller, out);
    out.end_object();
    if (outcome) outcome = written(out);
    if (outcome) return;
    reply_.truncate(start);
    append_error(request.id, outcome.error());
}

void LineExecutor::append_error(std::string_view id, const RpcError& error) {
    const std::size_t start = reply_.size();
    JsonWriter out(reply_);
    begin_reply(out, id);
    out.key("error");
    out.begin_object();
    out.key("code");
    out.number(std::int64_t{static_cast<std::int32_t>(error.code)});
    out.key("message");
    out.text(error.message);
    if (error.data != ErrorData()) {
        out.key("data");
        write_value(out, error.data);
    }
    out.end_object();
    out.end_object();
    if (out.fits()) return;
    reply_.truncate(start);
    append_internal_error(id);
}

/// Takes no memory.
void LineExecutor::append_internal_error(std::string_view id) noexcept {
    const std::size_t start = reply_.size();
    const bool fits =
        reply_.append(R"({"jsonrpc":"2.0","id":)") && reply_.append(id) &&
        reply_.append(R"(,"error":{"code":-32603,"message":"internal error: out of memory or a defect"}})");
    if (!fits) reply_.truncate(start);
}

} // namespace tessera::netmgmt
