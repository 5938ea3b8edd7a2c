// SPDX-License-Identifier: BSD-3-Clause
// DS by its protocol, and its memory after its death.

#include "servers/protocols/ds.h"
#include "servers/runtime/clock.h"
#include "tests/target/partner.h"
#include "tests/target/test.h"
#include <array>

namespace tessera::target {

namespace {

using namespace protocol::ds;
using runtime::Grant;

// A client of DS: keys and values by grant.
class DataStore {
public:
    explicit DataStore(Environment& environment) : grants_(environment.grants) {}

    Status publish(std::string_view key, std::uint32_t value, Overwrite overwrite = Overwrite::refuse) {
        return connection_
            .call_prepared<PublishU32>([&](Endpoint ds) -> Result<PublishU32::Request> {
                return PublishU32::Request{.key = lend(key_grant_, ds, key), .value = value, .overwrite = overwrite};
            })
            .status();
    }
    Status publish(std::string_view key, std::string_view value, Overwrite overwrite = Overwrite::refuse) {
        return connection_
            .call_prepared<PublishString>([&](Endpoint ds) -> Result<PublishString::Request> {
                return PublishString::Request{
                    .key = lend(key_grant_, ds, key), .value = lend(value_grant_, ds, value), .overwrite = overwrite};
            })
            .status();
    }
    Result<RetrieveU32::Reply> retrieve_u32(std::string_view key, EntryType type = EntryType::u32) {
        return connection_.call_prepared<RetrieveU32>([&](Endpoint ds) -> Result<RetrieveU32::Request> {
            return RetrieveU32::Request{.key = lend(key_grant_, ds, key), .type = type};
        });
    }
    Result<std::string> retrieve_string(std::string_view key, std::size_t room = string_limit) {
        std::string text(room, '\0');
        const auto reply =
            connection_.call_prepared<RetrieveString>([&](Endpoint ds) -> Result<RetrieveString::Request> {
                return RetrieveString::Request{.key = lend(key_grant_, ds, key), .value = borrow(ds, text)};
            });
        if (!reply.has_value()) return reply.error();
        text.resize(std::min<std::size_t>(reply->bytes, room));
        return text;
    }
    Status remove(std::string_view key, EntryType type) {
        return connection_
            .call_prepared<Delete>([&](Endpoint ds) -> Result<Delete::Request> {
                return Delete::Request{.key = lend(key_grant_, ds, key), .type = type};
            })
            .status();
    }
    Status subscribe(std::string_view pattern, EntryType type) {
        return connection_
            .call_prepared<Subscribe>([&](Endpoint ds) -> Result<Subscribe::Request> {
                return Subscribe::Request{.pattern = lend(key_grant_, ds, pattern), .type = type};
            })
            .status();
    }
    // The next change and its key.
    Result<std::pair<Check::Reply, std::string>> check() {
        std::string key(key_limit, '\0');
        const auto reply = connection_.call_prepared<Check>(
            [&](Endpoint ds) -> Result<Check::Request> { return Check::Request{.key = borrow(ds, key)}; });
        if (!reply.has_value()) return reply.error();
        key.resize(reply->key_bytes);
        return std::pair(*reply, key);
    }
    Endpoint endpoint() { return require_value(connection_.endpoint()); }

private:
    Buffer lend(Grant& grant, Endpoint ds, std::string_view text) {
        grant = require_value(grants_.readable(ds, std::as_bytes(std::span(text))));
        return {.grant = grant.id(), .bytes = static_cast<std::uint32_t>(text.size())};
    }
    Buffer borrow(Endpoint ds, std::string& text) {
        value_grant_ = require_value(grants_.writable(ds, std::as_writable_bytes(std::span(text))));
        return {.grant = value_grant_.id(), .bytes = static_cast<std::uint32_t>(text.size())};
    }

    runtime::GrantTable& grants_;
    runtime::ServiceConnection<DsProtocol> connection_{"ds"};
    Grant key_grant_;
    Grant value_grant_;
};

void numbers(Environment& environment) {
    DataStore ds(environment);
    require_status(ds.publish("test.number", 1234), Status::ok);
    require_equal(require_value(ds.retrieve_u32("test.number")).value, 1234, "value");
    require(require_value(ds.retrieve_u32("test.number")).owner == Name("target_tests"), "the owner is our label");
    require_status(ds.publish("test.number", 1), Status::exists);
    require_status(ds.publish("test.number", 4321, Overwrite::allow), Status::ok);
    require_equal(require_value(ds.retrieve_u32("test.number")).value, 4321, "value");
    require_status(ds.remove("test.number", EntryType::u32), Status::ok);
    require_status(ds.retrieve_u32("test.number").status(), Status::no_such);
    require_status(ds.remove("test.number", EntryType::u32), Status::no_such);
}

void strings(Environment& environment) {
    DataStore ds(environment);
    require_status(ds.publish("test.text", "little"), Status::ok);
    require_equal(require_value(ds.retrieve_string("test.text")), "little", "value");
    require_equal(require_value(ds.retrieve_string("test.text", 3)), "lit", "what there is room for");
    const std::string longest(string_limit, 'x');
    require_status(ds.publish("test.text", longest, Overwrite::allow), Status::ok);
    require_equal(require_value(ds.retrieve_string("test.text")), longest, "the longest");
    require_status(ds.publish("test.text2", longest + "x"), Status::invalid);
    require_status(ds.remove("test.text", EntryType::string), Status::ok);
}

void one_key_for_each_type(Environment& environment) {
    DataStore ds(environment);
    require_status(ds.publish("test.both", 5), Status::ok);
    require_status(ds.publish("test.both", "five"), Status::ok);
    require_equal(require_value(ds.retrieve_u32("test.both")).value, 5, "number");
    require_equal(require_value(ds.retrieve_string("test.both")), "five", "text");
    require_status(ds.remove("test.both", EntryType::u32), Status::ok);
    require_equal(require_value(ds.retrieve_string("test.both")), "five", "the other stays");
    require_status(ds.remove("test.both", EntryType::string), Status::ok);
}

void labels(Environment& environment) {
    DataStore ds(environment);
    require_equal(require_value(ds.retrieve_u32("ds", EntryType::label)).value, ds.endpoint().value(), "endpoint");
    runtime::ServiceConnection<DsProtocol> connection{"ds"};
    const auto name = require_value(connection.call<RetrieveLabelName>({.endpoint = ds.endpoint()}));
    require(name.label == Name("ds"), "and back");
    require_status(connection.call<RetrieveLabelName>({.endpoint = Endpoint(99, 99)}).status(), Status::no_such);
}

void bad_requests(Environment& environment) {
    DataStore ds(environment);
    require_status(ds.publish("", 1), Status::invalid, "an empty key");
    require_status(ds.publish(std::string(key_limit, 'k'), 1), Status::invalid, "a key of 80 bytes");
    require_status(ds.publish(std::string(key_limit - 1, 'k'), 1), Status::ok, "a key of 79 bytes");
    require_status(ds.remove(std::string(key_limit - 1, 'k'), EntryType::u32), Status::ok);
    require_status(ds.subscribe("(unclosed", EntryType::any), Status::invalid, "a broken pattern");

    runtime::ServiceConnection<DsProtocol> connection{"ds"};
    const auto retrieve = [&](GrantId grant) {
        return connection.call<RetrieveU32>({.key = {.grant = grant, .bytes = 8}, .type = EntryType::u32}).status();
    };
    require_status(retrieve(GrantId{}), Status::not_permitted, "no grant");
    require_status(retrieve(GrantId(9999, 1)), Status::not_permitted, "a grant that is none");
}

void changes_are_told(Environment& environment) {
    DataStore ds(environment);
    require_status(ds.subscribe("test\\.watched.*", EntryType::u32), Status::ok);
    require_status(ds.publish("test.unwatched", 1), Status::ok);
    require_status(ds.publish("test.watched", 1), Status::ok);
    require_status(ds.publish("test.watched", 2, Overwrite::allow), Status::ok);
    require_status(ds.remove("test.watched", EntryType::u32), Status::ok);
    require(require_value(receive(ds.endpoint())).kind == MessageKind::notification, "DS notifies");
    for (const Change expected : {Change::published, Change::overwritten, Change::deleted}) {
        const auto [change, key] = require_value(ds.check());
        require_equal(key, "test.watched", "key");
        require_equal(static_cast<unsigned>(change.change), static_cast<unsigned>(expected), "change");
    }
    require_status(ds.check().status(), Status::no_entry);
    require_status(ds.remove("test.unwatched", EntryType::u32), Status::ok);
}

// Kills DS by RS, and looks whether it knows what it knew.
void entries_survive_a_crash(Environment& environment) {
    using namespace protocol::rs;
    DataStore ds(environment);
    require_status(ds.publish("test.kept", 77, Overwrite::allow), Status::ok);
    require_status(ds.publish("test.kept", "text", Overwrite::allow), Status::ok);
    const Endpoint old = ds.endpoint();
    for (const FaultModel model : {FaultModel::kill, FaultModel::crash_null_jump}) {
        const Endpoint before = ds.endpoint();
        require_value(runtime::call<RsProtocol, FaultArm>(
            endpoints::rs, {.target = Name("ds"), .model = model, .delay_milliseconds = 0}));
        wait_for_death(before);
        // The old endpoint is dead; the client looks the new one up by itself.
        require_equal(require_value(ds.retrieve_u32("test.kept")).value, 77, "number");
        require_equal(require_value(ds.retrieve_string("test.kept")), "text", "text");
        require(require_value(ds.retrieve_u32("test.kept")).owner == Name("target_tests"), "owner");
    }
    require(ds.endpoint() != old, "it is another process");
    require_status(ds.remove("test.kept", EntryType::u32), Status::ok);
    require_status(ds.remove("test.kept", EntryType::string), Status::ok);
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
