// SPDX-License-Identifier: BSD-3-Clause
// DS by its protocol, and its memory after its death.

#include "servers/runtime/clock.h"
#include "servers/runtime/data_store.h"
#include "tests/target/partner.h"
#include "tests/target/test.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::ds;
using runtime::DataStore;

std::string text_of(DataStore& ds, std::string_view key, std::size_t room = string_limit) {
    std::string text(room, '\0');
    text.resize(std::min(require_value(ds.retrieve(key, std::span(text))).bytes, room));
    return text;
}

void numbers(Environment& environment) {
    DataStore ds(environment.grants);
    require_status(ds.publish("test.number", 1234).status(), Status::ok);
    require_equal(require_value(ds.retrieve_number("test.number")).value, 1234, "value");
    require(require_value(ds.retrieve_number("test.number")).owner == Name("target_tests"), "the owner is our label");
    require_status(ds.publish("test.number", 1).status(), Status::exists);
    require_status(ds.publish("test.number", 4321, Overwrite::allow).status(), Status::ok);
    require_equal(require_value(ds.retrieve_number("test.number")).value, 4321, "value");
    require_status(ds.remove("test.number", EntryType::u32).status(), Status::ok);
    require_status(ds.retrieve_number("test.number").status(), Status::no_such);
    require_status(ds.remove("test.number", EntryType::u32).status(), Status::no_such);
}

void strings(Environment& environment) {
    DataStore ds(environment.grants);
    require_status(ds.publish("test.text", "little").status(), Status::ok);
    require_equal(text_of(ds, "test.text"), "little", "value");
    require_equal(text_of(ds, "test.text", 3), "lit", "what there is room for");
    const std::string longest(string_limit, 'x');
    require_status(ds.publish("test.text", longest, Overwrite::allow).status(), Status::ok);
    require_equal(text_of(ds, "test.text"), longest, "the longest");
    require_status(ds.publish("test.text2", longest + "x").status(), Status::invalid);
    require_status(ds.remove("test.text", EntryType::string).status(), Status::ok);
}

void one_key_for_each_type(Environment& environment) {
    DataStore ds(environment.grants);
    require_status(ds.publish("test.both", 5).status(), Status::ok);
    require_status(ds.publish("test.both", "five").status(), Status::ok);
    require_equal(require_value(ds.retrieve_number("test.both")).value, 5, "number");
    require_equal(text_of(ds, "test.both"), "five", "text");
    require_status(ds.remove("test.both", EntryType::u32).status(), Status::ok);
    require_equal(text_of(ds, "test.both"), "five", "the other stays");
    require_status(ds.remove("test.both", EntryType::string).status(), Status::ok);
}

void labels(Environment& environment) {
    DataStore ds(environment.grants);
    require_equal(require_value(ds.retrieve_number("ds", EntryType::label)).value, require_value(ds.endpoint()).value(),
                  "endpoint");
    runtime::ServiceConnection<DsProtocol> connection{"ds"};
    const auto name = require_value(connection.call<RetrieveLabelName>({.endpoint = require_value(ds.endpoint())}));
    require(name.label == Name("ds"), "and back");
    require_status(connection.call<RetrieveLabelName>({.endpoint = Endpoint(99, 99)}).status(), Status::no_such);
}

void bad_requests(Environment& environment) {
    DataStore ds(environment.grants);
    require_status(ds.publish("", 1).status(), Status::invalid, "an empty key");
    require_status(ds.publish(std::string(key_limit, 'k'), 1).status(), Status::invalid, "a key of 80 bytes");
    require_status(ds.publish(std::string(key_limit - 1, 'k'), 1).status(), Status::ok, "a key of 79 bytes");
    require_status(ds.remove(std::string(key_limit - 1, 'k'), EntryType::u32).status(), Status::ok);
    require_status(ds.subscribe("(unclosed", EntryType::any).status(), Status::invalid, "a broken pattern");

    runtime::ServiceConnection<DsProtocol> connection{"ds"};
    const auto retrieve = [&](GrantId grant) {
        return connection.call<RetrieveU32>({.key = {.grant = grant, .bytes = 8}, .type = EntryType::u32}).status();
    };
    require_status(retrieve(GrantId{}), Status::not_permitted, "no grant");
    require_status(retrieve(GrantId(9999, 1)), Status::not_permitted, "a grant that is none");
}

void changes_are_told(Environment& environment) {
    DataStore ds(environment.grants);
    require_status(ds.subscribe("test\\.watched.*", EntryType::u32).status(), Status::ok);
    require_status(ds.publish("test.unwatched", 1).status(), Status::ok);
    require_status(ds.publish("test.watched", 1).status(), Status::ok);
    require_status(ds.publish("test.watched", 2, Overwrite::allow).status(), Status::ok);
    require_status(ds.remove("test.watched", EntryType::u32).status(), Status::ok);
    require(require_value(receive(require_value(ds.endpoint()))).kind == MessageKind::notification, "DS notifies");
    for (const Change expected : {Change::published, Change::overwritten, Change::deleted}) {
        const auto change = require_value(ds.check());
        require_equal(change.key, "test.watched", "key");
        require(change.type == EntryType::u32, "the type");
        require_equal(static_cast<unsigned>(change.change), static_cast<unsigned>(expected), "change");
    }
    require_status(ds.check().status(), Status::no_entry);
    require_status(ds.remove("test.unwatched", EntryType::u32).status(), Status::ok);
}

// Kills DS by RS, and looks whether it knows what it knew.
void entries_survive_a_crash(Environment& environment) {
    using namespace protocol::rs;
    DataStore ds(environment.grants);
    require_status(ds.publish("test.kept", 77, Overwrite::allow).status(), Status::ok);
    require_status(ds.publish("test.kept", "text", Overwrite::allow).status(), Status::ok);
    const Endpoint old = require_value(ds.endpoint());
    for (const FaultModel model : {FaultModel::kill, FaultModel::crash_null_jump}) {
        const Endpoint before = require_value(ds.endpoint());
        require_value(runtime::call<RsProtocol, FaultArm>(
            endpoints::rs, {.target = Name("ds"), .model = model, .delay_milliseconds = 0}));
        wait_for_death(before);
        // The old endpoint is dead; the client looks the new one up by itself.
        require_equal(require_value(ds.retrieve_number("test.kept")).value, 77, "number");
        require_equal(text_of(ds, "test.kept"), "text", "text");
        require(require_value(ds.retrieve_number("test.kept")).owner == Name("target_tests"), "owner");
    }
    require(require_value(ds.endpoint()) != old, "it is another process");
    require_status(ds.remove("test.kept", EntryType::u32).status(), Status::ok);
    require_status(ds.remove("test.kept", EntryType::string).status(), Status::ok);
}

constexpr std::array tests{
    Test{"ds.numbers", numbers},
    Test{"ds.strings", strings},
    Test{"ds.types", one_key_for_each_type},
    Test{"ds.labels", labels},
    Test{"ds.bad_requests", bad_requests},
    Test{"ds.changes", changes_are_told},
    Test{"ds.survives_crash", entries_survive_a_crash},
};

} // namespace

std::span<const Test> data_store_tests() { return tests; }

} // namespace tessera::target
