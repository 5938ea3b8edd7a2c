// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Makes an entry of the method tables from a handler: its C++ types give the checks of the parameters and both schemas.

#include "netmgmt/methods/method.h"
#include "netmgmt/methods/page.h"

namespace tessera::netmgmt {

/// A method without parameters, a result without members, a list without trailer.
struct Nothing {};

template <> struct Shape<Nothing> {
    static constexpr std::tuple<> members{};
};

/// The end of a method: an error when not all of the result had room.
[[nodiscard]] Outcome<void> written(const JsonWriter& out);

template <auto handler, class Parameters> Outcome<void> invoke_single(Call& call, JsonView json, JsonWriter& out) {
    auto parameters = read_parameters<Parameters>(json);
    if (!parameters) return std::unexpected(invalid_parameters(parameters.error()));
    auto result = handler(call, *parameters);
    if (!result) return std::unexpected(std::move(result).error());
    write_value(out, *result);
    return written(out);
}

template <auto handler, class Parameters, class Entry>
Outcome<void> invoke_list(Call& call, JsonView json, JsonWriter& out) {
    auto parameters = read_parameters<Parameters>(json);
    if (!parameters) return std::unexpected(invalid_parameters(parameters.error()));
    auto from = read_cursor(parameters->cursor);
    if (!from) return std::unexpected(std::move(from).error());
    auto fields = read_fields(parameters->fields, schema_members<Entry>);
    if (!fields) return std::unexpected(std::move(fields).error());

    PageFrame frame(out, parameters->limit);
    frame.begin();
    Page<Entry> page(out, frame, *fields);
    auto trailer = handler(call, *parameters, Range{*from, parameters->limit}, page);
    if (!trailer) return std::unexpected(std::move(trailer).error());
    if (frame.starved()) return std::unexpected(limit_exceeded("reply_bytes", "not one item fits; choose fields"));
    frame.end();
    write_members(out, *trailer, all_fields());
    out.end_object();
    return written(out);
}

template <auto handler, class Parameters, class Result>
consteval Method describe(const MethodText& text, Outcome<Result> (*)(Call&, const Parameters&)) {
    return {text, &SchemaOf<Parameters>::value, &SchemaOf<Result>::value, &invoke_single<handler, Parameters>};
}

template <auto handler, class Parameters, class Trailer, class Entry>
consteval Method describe(const MethodText& text,
                          Outcome<Trailer> (*)(Call&, const Parameters&, Range, Visitor<Entry>&)) {
    return {text, &SchemaOf<Parameters>::value, &PageSchema<Entry, Trailer>::value,
            &invoke_list<handler, Parameters, Entry>};
}

/// `handler` is `Outcome<Result>(Call&, const Parameters&)`, or for a list
/// `Outcome<Trailer>(Call&, const Parameters&, Range, Visitor<Entry>&)`.
template <auto handler> [[nodiscard]] consteval Method method(const MethodText& text) {
    return describe<handler>(text, handler);
}

/// The end of most handlers of lists.
[[nodiscard]] Outcome<Nothing> listed(ListResult result);

/// The end of handlers whose result says nothing but that it was done.
[[nodiscard]] Outcome<Nothing> done(SystemResult<void> result);

} // namespace tessera::netmgmt
