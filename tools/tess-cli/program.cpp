// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/program.h"

#include "tools/tess-cli/client/hello.h"
#include "tools/tess-cli/output/printable.h"
#include "tools/tess-cli/registry.h"
#include "tools/tess-cli/target.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <format>
#include <sstream>

namespace tessera::tess {

namespace {

constexpr std::string_view version = "0.1.0";

struct GlobalOptions {
    std::string host = "127.0.0.1";
    std::uint64_t port = 0; ///< 0: not given
    bool json = false;
    double timeout_seconds = 10;
    bool no_color = false;
};

void add_global_options(CLI::App& app, GlobalOptions& options) {
    app.set_version_flag("--version", std::format("tess {} (management protocol {})", version, protocol_version),
                         "Print the version of this program");
    VerbParser words{app};
    words.text("--host", options.host, "Name or address of the machine that runs the system (default 127.0.0.1)");
    words.number("--port", options.port, {1, 65535}, "TCP port of the management plane (default: see docs/cli.md)");
    words.flag("--json", options.json, "One JSON document instead of tables");
    words.seconds("--timeout", options.timeout_seconds,
                  "Seconds to wait for the connection and for each answer (default 10)");
    words.flag("--no-color", options.no_color, "No colours, even on a terminal");
}

/// "tess", and what can be typed next to it.
std::string unknown_verb_advice(const CLI::App& app) {
    std::string names;
    for (const CLI::App* verb : app.get_subcommands({})) names += " " + verb->get_name();
    return "the verbs are:" + names;
}

/// The parser's complaint, told as the other failures are.
Failure usage_failure(const CLI::App& app, const Registry& verbs, const CLI::ParseError& error) {
    const Verb* verb = verbs.chosen();
    if (verb == nullptr) {
        const auto remaining = app.remaining();
        const auto word =
            std::ranges::find_if(remaining, [](const std::string& text) { return !text.starts_with("-"); });
        const bool is_option = word == remaining.end();
        if (!is_option)
            return {ExitCode::usage, std::format("there is no verb \"{}\"", *word), unknown_verb_advice(app), {}};
        if (remaining.empty() && error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
            return {ExitCode::usage, "say what to do", unknown_verb_advice(app), {}};
        }
        return {ExitCode::usage, error.what(), "`tess --help` lists options and verbs", {}};
    }
    return {ExitCode::usage, error.what(), std::format("`tess {} --help` explains it", verb->words), {}};
}

void tell(Output& output, const Failure& failure) {
    output.note(std::format("tess: {}\n", printable(failure.message)));
    if (!failure.advice.empty()) output.note(std::format("  try: {}\n", printable(failure.advice)));
}

/// When nothing is at the port, whatever does run here is the best hint.
Failure with_hint(Failure failure, const Target& target) {
    const auto running = running_instances(target.instances);
    const bool is_at_target = std::ranges::any_of(target.instances, [&target](const Instance& instance) {
        return instance.liveness == Liveness::running && instance.port == target.address.port;
    });
    if (failure.exit_code == ExitCode::no_connection && !running.empty() && !is_at_target) {
        failure.advice = std::format("--port with a system that runs here: {}", running);
    }
    return failure;
}

} // namespace

Program::Program(MakeConnector make_connector, Clock& clock, Output& output, Host& host)
    : make_connector_{std::move(make_connector)},
      clock_{clock},
      output_{output},
      host_{host} {}

ExitCode Program::run(const std::vector<std::string>& arguments) {
    CLI::App app{"Look into a running Tessera system, change it, and break it on purpose.", "tess"};
    app.fallthrough()->require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 refused, 2 usage, 3 no connection, 4 not allowed, 5 timeout, 130 interrupted.\n"
               "The manual with examples: docs/cli.md, or `tess manual`.");
    GlobalOptions options;
    add_global_options(app, options);
    Registry verbs{app};
    add_all(verbs);
    try {
        app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
    } catch (const CLI::Success& success) {
        std::ostringstream text;
        app.exit(success, text, text);
        output_.write(text.str());
        return ExitCode::done;
    } catch (const CLI::ParseError& error) {
        tell(output_, usage_failure(app, verbs, error));
        return ExitCode::usage;
    }
    if (options.no_color) output_.set_colours(Colours::no);

    const auto given_port = options.port == 0 ? std::nullopt : std::optional{static_cast<std::uint16_t>(options.port)};
    const auto target = choose_target(options.host, given_port, host_);
    if (!target) {
        tell(output_, target.error());
        return target.error().exit_code;
    }
    const auto connector = make_connector_(target->address);
    const auto patience = std::chrono::duration<double>{options.timeout_seconds};
    Session session{
        *connector, clock_,
        output_,    host_,
        *target,    {options.json ? Format::json : Format::table, std::chrono::duration_cast<Duration>(patience)}};
    const auto done = verbs.chosen()->action(session);
    if (done) return ExitCode::done;
    tell(output_, with_hint(done.error(), *target));
    return done.error().exit_code;
}

} // namespace tessera::tess
