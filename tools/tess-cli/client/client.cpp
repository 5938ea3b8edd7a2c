// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/client/client.h"

#include "tools/tess-cli/client/rpc_error.h"

#include <format>
#include <optional>
#include <utility>

namespace tessera::tess {

namespace {

enum class Relation { this_request, earlier_request, notification, unknown };

Relation relation_of(const Json& message, std::uint64_t id) {
    const auto member = message.find("id");
    if (member == message.end()) return message.contains("method") ? Relation::notification : Relation::unknown;
    // The system answers with a null id when it could not even read the id of the request.
    if (member->is_null() && message.contains("error")) return Relation::this_request;
    if (!member->is_number_unsigned()) return Relation::unknown;
    const auto answered = member->get<std::uint64_t>();
    if (answered == id) return Relation::this_request;
    return answered != 0 && answered < id ? Relation::earlier_request : Relation::unknown;
}

Result<Json> result_of(Json&& message, std::string_view method) {
    const auto version = message.find("jsonrpc");
    if (version == message.end() || *version != "2.0") return malformed("an answer that is not JSON-RPC 2.0");
    const bool has_result = message.contains("result");
    const bool has_error = message.contains("error");
    if (has_result == has_error) return malformed("an answer without exactly one of result and error");
    if (has_error) return Failed{failure_from(message.at("error"), method)};
    return std::move(message.at("result"));
}

} // namespace

Client::Client(std::unique_ptr<ByteStream> stream, LineReader reader, Hello hello)
    : stream_{std::move(stream)},
      reader_{std::move(reader)},
      hello_{std::move(hello)} {}

Result<std::unique_ptr<Channel>> Client::start(std::unique_ptr<ByteStream> stream, Instant deadline) {
    LineReader reader;
    const auto line = reader.next(*stream, deadline);
    if (!line && line.error().exit_code == ExitCode::timeout) {
        return timed_out("connected, but no greeting came",
                         "the system may still be booting: try again, or give it longer with --timeout");
    }
    if (!line && line.error().exit_code == ExitCode::no_connection && line.error().advice.empty()) {
        return no_connection("connected, but closed before a greeting came",
                             "the system may still be booting or may have all its connections in use: try again");
    }
    if (!line) return Failed{line.error()};
    auto hello = parse_hello(*line);
    if (!hello) return Failed{hello.error()};
    return std::unique_ptr<Channel>{new Client{std::move(stream), std::move(reader), std::move(*hello)}};
}

Result<Json> Client::call(std::string_view method, const Json& params, Instant deadline) {
    const Json request{{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", params}};
    std::string line = compact(request);
    if (line.size() > request_limit) {
        return bad_usage(
            std::format("the request is {} bytes long; a system takes at most {}", line.size(), request_limit));
    }
    line.push_back('\n');
    const auto written = stream_->write(line, deadline);
    if (!written) return Failed{written.error()};
    auto result = answer(method, deadline);
    if (!result && result.error().exit_code == ExitCode::timeout && result.error().advice.empty()) {
        return timed_out(std::format("{}: {}", method, result.error().message),
                         "try again, or give it longer with --timeout; `tess doctor` looks closer");
    }
    return result;
}

Result<Json> Client::answer(std::string_view method, Instant deadline) {
    for (;;) {
        const auto line = reader_.next(*stream_, deadline);
        if (!line) return Failed{line.error()};
        auto message = parse_json(*line);
        if (!message) return malformed(std::format("an answer that is {}", message.error()));
        if (!message->is_object()) return malformed("an answer that is not an object");
        switch (relation_of(*message, last_id_)) {
        case Relation::this_request:
            return result_of(std::move(*message), method);
        case Relation::unknown:
            return malformed("an answer to a question that was not asked");
        case Relation::earlier_request: // its caller has given up waiting
        case Relation::notification:
            break;
        }
        if (std::chrono::steady_clock::now() >= deadline) return timed_out("no answer in time");
    }
}

} // namespace tessera::tess
