// SPDX-License-Identifier: BSD-3-Clause
// tess call: any method with any parameters.
#include "tools/tess-cli/verbs/verbs.h"

#include <format>

namespace tessera::tess {

namespace {

struct CallOptions {
    std::string method;
    std::string parameters = "{}";
};

Result<void> run_call(Session& session, const CallOptions& options) {
    std::string document = options.parameters;
    if (document == "-") {
        auto input = session.host().standard_input();
        if (!input) return Failed{input.error()};
        document = std::move(*input);
    }
    const auto parameters = parse_json(document);
    if (!parameters) {
        return bad_usage(std::format("the parameters are {}", parameters.error()),
                         R"(quote them for the shell: tess call ds.get '{"key": "ds"}')");
    }
    if (!parameters->is_structured()) {
        return bad_usage("the parameters are neither an object nor an array", "name them: '{\"NAME\": VALUE}'");
    }
    return session.show(session.call(options.method, *parameters),
                        [](const Json& result, const Output&) { return indented(result) + "\n"; });
}

} // namespace

void add_call(Registry& verbs) {
    auto options = std::make_shared<CallOptions>();
    VerbParser& parser = verbs.add(
        {.name = "call",
         .summary = "Call any method and print its result.",
         .description =
             "Lists come one page at a time: pass the `next` of one result as the `cursor` of the next call. --json "
             "prints the result in one line.",
         .examples = {{R"(tess call system.ping '{"payload": "hello"}')", R"({
  "payload": "hello"
}
)"}}},
        [options](Session& session) { return run_call(session, *options); });
    parser.text("METHOD", options->method, "Name of the method, as `tess discover` lists it", Need::required);
    parser.text("JSON", options->parameters, "Parameters, an object; - reads the standard input (default {})");
}

} // namespace tessera::tess
