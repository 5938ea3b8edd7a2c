// SPDX-License-Identifier: BSD-3-Clause
// The operations as clients see them. The list of MINIX's own data-store test is in here: publish, refuse, overwrite,
// retrieve, delete, and the subscriber who is told of each.

#include "tests/unit/ds/machine.h"

using namespace tessera;
using namespace tessera::ds;
using namespace tessera::ds::test;
using namespace tessera::protocol::ds;

TEST_CASE_METHOD(FreshMachine, "a u32 is published, kept, overwritten and deleted") {
    CHECK(publish(writer, "key", 1234) == Status::ok);
    CHECK(retrieve("key")->value == 1234);
    CHECK(retrieve("key")->owner.view() == "writer");
    CHECK(publish(writer, "key", 5) == Status::exists);
    CHECK(retrieve("key")->value == 1234);
    CHECK(publish(writer, "key", 4321, Overwrite::allow) == Status::ok);
    CHECK(retrieve("key")->value == 4321);
    CHECK(remove(writer, "key", EntryType::u32) == Status::ok);
    CHECK(retrieve("key").status() == Status::no_such);
    CHECK(remove(writer, "key", EntryType::u32) == Status::no_such);
}

TEST_CASE_METHOD(FreshMachine, "a string is copied as far as there is room") {
    CHECK(publish(writer, "key", "twenty-one bytes here") == Status::ok);
    CHECK(*retrieve_string("key", 100) == "twenty-one bytes here");
    CHECK(*retrieve_string("key", 8) == "twenty-o");
    CHECK(retrieve_string("key", 0)->empty());
    const std::string longest(string_limit, 'x');
    CHECK(publish(writer, "key", longest, Overwrite::allow) == Status::ok);
    CHECK(*retrieve_string("key") == longest);
    CHECK(publish(writer, "empty", "") == Status::ok);
    CHECK(retrieve_string("empty")->empty());
    CHECK(publish(writer, "too long", std::string(string_limit + 1, 'x')) == Status::invalid);
}

TEST_CASE_METHOD(FreshMachine, "the same key may exist once a type") {
    CHECK(publish(writer, "key", 7) == Status::ok);
    CHECK(publish(writer, "key", "seven") == Status::ok);
    CHECK(retrieve("key")->value == 7);
    CHECK(*retrieve_string("key") == "seven");
    CHECK(remove(writer, "key", EntryType::u32) == Status::ok);
    CHECK(*retrieve_string("key") == "seven");
}

TEST_CASE_METHOD(FreshMachine, "only the owner changes an entry; the management server may delete it") {
    CHECK(publish(writer, "key", 7) == Status::ok);
    CHECK(publish(listener, "key", 8, Overwrite::allow) == Status::not_permitted);
    CHECK(publish(manager, "key", 8, Overwrite::allow) == Status::not_permitted);
    CHECK(remove(listener, "key", EntryType::u32) == Status::not_permitted);
    CHECK(retrieve("key")->value == 7);
    CHECK(remove(manager, "key", EntryType::u32) == Status::ok);
    CHECK(publish(stranger, "key", 9) == Status::not_permitted);
    CHECK(remove(stranger, "key", EntryType::u32) == Status::not_permitted);
}

TEST_CASE_METHOD(FreshMachine, "labels are found both ways, and are nobody's to change") {
    CHECK(retrieve("writer", EntryType::label)->value == writer.value());
    CHECK(call<RetrieveLabelName>(stranger, {.endpoint = listener})->label.view() == "listener");
    CHECK(call<RetrieveLabelName>(stranger, {.endpoint = stranger}).status() == Status::no_such);
    CHECK(call<RetrieveLabelName>(stranger, {.endpoint = endpoints::none}).status() == Status::no_such);
    CHECK(remove(manager, "writer", EntryType::label) == Status::not_permitted);
    CHECK(remove(manager, "nobody", EntryType::label) == Status::no_such);
    CHECK(retrieve("writer", EntryType::string).status() == Status::invalid);
}

TEST_CASE_METHOD(FreshMachine, "a restarted service owns its entries again") {
    CHECK(publish(writer, "key", 7) == Status::ok);
    const Endpoint reborn{20, 5};
    clients.services[0].endpoint = reborn;
    CHECK(publish(reborn, "key", 8, Overwrite::allow) == Status::ok); // before RS's notification came
    CHECK(retrieve("writer", EntryType::label)->value == reborn.value());
    CHECK(publish(writer, "key", 9, Overwrite::allow) == Status::not_permitted);
}

TEST_CASE_METHOD(FreshMachine, "labels stay when RS does not answer") {
    clients.rs_fails = true;
    service->notified(endpoints::rs, {});
    CHECK(retrieve("writer", EntryType::label)->value == writer.value());
}

TEST_CASE_METHOD(FreshMachine, "bad keys and bad grants are the caller's errors") {
    CHECK(publish(writer, "", 1) == Status::invalid);
    CHECK(publish(writer, std::string(80, 'k'), 1) == Status::invalid);
    CHECK(publish(writer, "a\x01", 1) == Status::invalid);
    CHECK(publish(writer, "key", "\xff") == Status::invalid);
    Buffer key = clients.give(writer, "key");
    clients.grants[{writer, key.grant}].failure = Status::bad_address;
    CHECK(call<PublishU32>(writer, {.key = key, .value = 1, .overwrite = {}}).status() == Status::bad_address);
    key = {.grant = GrantId(5, 99), .bytes = 3};
    CHECK(call<Delete>(writer, {.key = key, .type = EntryType::u32}).status() == Status::not_permitted);
    CHECK(call<Subscribe>(writer, {.pattern = key, .type = EntryType::any}).status() == Status::not_permitted);
    key = {.grant = clients.give(writer, "key").grant, .bytes = 0xffff'ffff};
    CHECK(call<RetrieveU32>(writer, {.key = key, .type = EntryType::u32}).status() == Status::invalid);
    CHECK(subscribe(writer, "key", static_cast<EntryType>(77)) == Status::invalid);
    CHECK(remove(writer, "key", static_cast<EntryType>(77)) == Status::invalid);
    CHECK(publish(writer, "key", 1) == Status::ok);
}

TEST_CASE_METHOD(FreshMachine, "an unknown operation is refused") {
    Message message;
    message.words[0] = DsProtocol::number<RetrieveSnapshot> + 1;
    const auto answer =
        runtime::dispatch<DsProtocol>(*service, {.source = writer, .kind = MessageKind::message, .message = message});
    CHECK(answer->words[0] == static_cast<std::uint64_t>(-static_cast<std::int64_t>(Status::bad_call)));
}

TEST_CASE_METHOD(FreshMachine, "the table fills, says so, and empties") {
    for (std::size_t i = 0; i < entry_limit; ++i)
        REQUIRE(publish(writer, std::format("key{}", i), static_cast<std::uint32_t>(i)) == Status::ok);
    CHECK(publish(writer, "one more", 1) == Status::no_space);
    CHECK(publish(writer, "key17", 1, Overwrite::allow) == Status::ok);
    CHECK(remove(writer, "key18", EntryType::u32) == Status::ok);
    CHECK(publish(writer, "one more", 1) == Status::ok);
    CHECK(list().size() == entry_limit + clients.services.size());
}

TEST_CASE_METHOD(FreshMachine, "a listing neither skips nor repeats what is overwritten meanwhile") {
    for (const char* key : {"a", "b", "c"}) publish(writer, key, 1);
    const Buffer key = clients.room(stranger, key_limit);
    const Buffer value = clients.room(stranger, string_limit);
    std::string seen;
    for (std::uint64_t index = 0; index < 3;) {
        const auto reply = call<EntryNext>(stranger, {.index = index, .key = key, .value = value});
        seen += clients.text(stranger, key, 1);
        for (const char* again : {"a", "b", "c"}) publish(writer, again, 2, Overwrite::allow);
        index = std::uint64_t{reply->index} + 1;
    }
    CHECK(seen == "abc");
    CHECK(call<EntryNext>(stranger, {.index = ~0ull, .key = key, .value = value}).status() == Status::no_entry);
}

TEST_CASE_METHOD(FreshMachine, "a subscriber is told of each change, and of which key") {
    CHECK(check(listener) == "ESRCH");
    CHECK(subscribe(listener, "test\\..*") == Status::ok);
    CHECK(subscribe(listener, "test\\..*") == Status::ok);
    CHECK(check(listener) == "ENOENT");
    publish(writer, "test.a", 1);
    publish(writer, "other", 1);
    publish(writer, "test.a", 2, Overwrite::allow);
    remove(writer, "test.a", EntryType::u32);
    CHECK(clients.notified == std::vector{listener, listener, listener});
    CHECK(check(listener) == "published u32 test.a 1");
    CHECK(check(listener) == "overwritten u32 test.a 2");
    CHECK(check(listener) == "deleted u32 test.a 2");
    CHECK(check(listener) == "ENOENT");
    CHECK(subscribe(stranger, ".*") == Status::no_such);
    CHECK(check(stranger) == "ESRCH");
}

TEST_CASE_METHOD(FreshMachine, "two matching subscriptions tell once") {
    subscribe(listener, "a.*");
    subscribe(listener, ".*b");
    publish(writer, "ab", 1);
    CHECK(check(listener) == "published u32 ab 1");
    CHECK(check(listener) == "ENOENT");
}

TEST_CASE_METHOD(FreshMachine, "a subscription may ask for one type") {
    subscribe(listener, ".*", EntryType::string);
    publish(writer, "a", 1);
    publish(writer, "a", "text");
    CHECK(check(listener) == "published string a 0");
    CHECK(check(listener) == "ENOENT");
}

TEST_CASE_METHOD(FreshMachine, "a change is kept until its key reached the subscriber") {
    subscribe(listener, ".*");
    publish(writer, "a", 1);
    const Buffer missing{.grant = GrantId(900, 1), .bytes = key_limit};
    CHECK(call<Check>(listener, {.key = missing}).status() == Status::not_permitted);
    CHECK(check(listener) == "published u32 a 1");
}

TEST_CASE_METHOD(FreshMachine, "a full queue becomes one missed") {
    subscribe(listener, ".*");
    for (std::size_t i = 0; i < ChangeQueue::limit; ++i) publish(writer, std::format("k{}", i), 1);
    publish(writer, "the last straw", 1);
    publish(writer, "after", 2);
    CHECK(check(listener) == "missed");
    CHECK(check(listener) == "published u32 after 2");
    CHECK(check(listener) == "ENOENT");
}

TEST_CASE_METHOD(FreshMachine, "subscriptions are bounded for one owner and for all") {
    for (std::size_t i = 0; i < subscriptions_per_owner; ++i)
        CHECK(subscribe(listener, std::format("k{}", i)) == Status::ok);
    CHECK(subscribe(listener, "one more") == Status::no_space);
    CHECK(subscribe(listener, "k3") == Status::ok);
    CHECK(subscribe(writer, "(") == Status::invalid);
    clients.services.clear();
    for (std::uint32_t i = 0; i < 8; ++i) clients.services.push_back({Name(std::format("s{}", i)), Endpoint(i + 1, 1)});
    for (std::uint32_t i = 0; i < 8; ++i)
        for (std::size_t k = 0; k < subscriptions_per_owner; ++k) {
            const bool fits = i * subscriptions_per_owner + k < subscription_limit - subscriptions_per_owner;
            REQUIRE(subscribe(Endpoint(i + 1, 1), std::format("k{}", k)) == (fits ? Status::ok : Status::no_space));
        }
}

TEST_CASE_METHOD(FreshMachine, "subscribers learn of services that come, go and restart") {
    subscribe(listener, "driver", EntryType::label);
    clients.services.push_back({Name("driver"), Endpoint(30, 1)});
    service->notified(endpoints::rs, {});
    clients.services.back().endpoint = Endpoint(30, 2);
    service->notified(endpoints::rs, {});
    clients.services.pop_back();
    service->notified(endpoints::rs, {});
    service->notified(endpoints::rs, {});
    CHECK(check(listener) == std::format("published label driver {}", Endpoint(30, 1).value()));
    CHECK(check(listener) == std::format("overwritten label driver {}", Endpoint(30, 2).value()));
    CHECK(check(listener) == std::format("deleted label driver {}", Endpoint(30, 2).value()));
    CHECK(check(listener) == "ENOENT");
    CHECK(clients.notified.size() == 3);
}

TEST_CASE_METHOD(FreshMachine, "a restarted subscriber is woken for what waits") {
    subscribe(listener, ".*", EntryType::u32);
    clients.services[1].endpoint = endpoints::none;
    clients.services.erase(clients.services.begin() + 1);
    service->notified(endpoints::rs, {});
    publish(writer, "a", 1);
    CHECK(clients.notified.empty());
    const Endpoint reborn{11, 2};
    clients.services.push_back({Name("listener"), reborn});
    service->notified(endpoints::rs, {});
    CHECK(clients.notified == std::vector{reborn});
    CHECK(check(reborn) == "published u32 a 1");
}

TEST_CASE_METHOD(FreshMachine, "entries and subscriptions survive a restart of DS") {
    publish(writer, "number", 7);
    publish(writer, "text", "seven");
    subscribe(listener, ".*", EntryType::u32);
    start(Origin::inherited);
    CHECK(report.entries.kept == 2);
    CHECK(report.subscriptions.kept == 1);
    CHECK(report.entries.damaged + report.subscriptions.damaged == 0);
    CHECK(retrieve("number")->value == 7);
    CHECK(*retrieve_string("text") == "seven");
    CHECK(check(listener) == "missed"); // it cannot know what fell into the crash
    publish(writer, "number", 8, Overwrite::allow);
    CHECK(check(listener) == "overwritten u32 number 8");
    start(Origin::fresh);
    CHECK(list().size() == clients.services.size());
}

TEST_CASE_METHOD(FreshMachine, "subscribers are woken when DS is back") {
    subscribe(listener, ".*");
    service.reset();
    store.emplace(memory);
    store->open(Origin::inherited);
    service.emplace(*store, clients, grants);
    clients.notified.clear();
    service->update_labels();
    CHECK(std::ranges::count(clients.notified, listener) >= 1);
}

TEST_CASE_METHOD(FreshMachine, "a crash of DS inside an operation leaves it done or not begun") {
    publish(writer, "kept", 1);
    publish(writer, "key", "old");
    const auto before = list();
    const auto initial = memory.raw();
    memory.forget_history();
    publish(writer, "key", "new value", Overwrite::allow);
    const auto after = list();
    REQUIRE(before != after);
    const RecordingMemory recorded = memory;
    std::size_t states = 0;
    recorded.replay(initial, 16, [&](const std::vector<std::byte>& state) {
        memory = RecordingMemory(state);
        start(Origin::inherited);
        auto found = list();
        std::ranges::sort(found);
        auto old_list = before, new_list = after;
        std::ranges::sort(old_list);
        std::ranges::sort(new_list);
        REQUIRE((found == old_list || found == new_list));
        REQUIRE(publish(writer, "next", 3) == Status::ok);
        ++states;
    });
    CHECK(states > 5);
}
