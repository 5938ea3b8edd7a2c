// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// DS over memory that can be looked at, and its clients.

#include "servers/ds/service.h"
#include "tests/unit/ds/fake_clients.h"
#include "tests/unit/ds/recording_memory.h"
#include <catch2/catch.hpp>
#include <format>

namespace tessera::ds::test {

using namespace protocol::ds;

inline constexpr Endpoint writer{10, 1};
inline constexpr Endpoint listener{11, 1};
inline constexpr Endpoint manager{12, 1};
inline constexpr Endpoint stranger{40, 3};

struct Machine {
    Machine() {
        clients.services = {{Name("writer"), writer}, {Name("listener"), listener}, {Name("netmgmt"), manager}};
    }

    // A new incarnation of DS over the same memory.
    void start(Origin origin) {
        service.reset();
        store.emplace(memory);
        report = store->open(origin);
        service.emplace(*store, clients, grants);
        service->update_labels();
        lost_maps = service->resume_maps();
        clients.notified.clear();
    }

    template <class Operation>
    Result<typename Operation::Reply> call(Endpoint caller, const typename Operation::Request& request) {
        Message message;
        message.words[0] = DsProtocol::number<Operation>;
        protocol::store_payload(message, request);
        const auto answer = runtime::dispatch<DsProtocol>(
            *service, {.source = caller, .kind = MessageKind::message, .message = message});
        REQUIRE(answer.has_value());
        const auto status = static_cast<std::int64_t>(answer->words[0]);
        if (status != 0) return static_cast<Status>(-status);
        return protocol::load_payload<typename Operation::Reply>(*answer);
    }

    Status publish(Endpoint caller, std::string_view key, std::uint32_t value,
                   Overwrite overwrite = Overwrite::refuse) {
        return call<PublishU32>(caller, {.key = clients.give(caller, key), .value = value, .overwrite = overwrite})
            .status();
    }
    Status publish(Endpoint caller, std::string_view key, std::string_view value,
                   Overwrite overwrite = Overwrite::refuse) {
        return call<PublishString>(
                   caller,
                   {.key = clients.give(caller, key), .value = clients.give(caller, value), .overwrite = overwrite})
            .status();
    }
    Result<RetrieveU32::Reply> retrieve(std::string_view key, EntryType type = EntryType::u32) {
        return call<RetrieveU32>(stranger, {.key = clients.give(stranger, key), .type = type});
    }
    Result<std::string> retrieve_string(std::string_view key, std::size_t room = string_limit) {
        const Buffer value = clients.room(stranger, room);
        const auto reply = call<RetrieveString>(stranger, {.key = clients.give(stranger, key), .value = value});
        if (!reply.has_value()) return reply.error();
        return clients.text(stranger, value, std::min<std::size_t>(room, reply->bytes));
    }
    Status remove(Endpoint caller, std::string_view key, EntryType type) {
        return call<Delete>(caller, {.key = clients.give(caller, key), .type = type}).status();
    }
    Status subscribe(Endpoint caller, std::string_view pattern, EntryType type = EntryType::any) {
        return call<Subscribe>(caller, {.pattern = clients.give(caller, pattern), .type = type}).status();
    }
    // "published u32 key 7", or the name of the error.
    std::string check(Endpoint caller) {
        const Buffer key = clients.room(caller, key_limit);
        const auto reply = call<Check>(caller, {.key = key});
        if (!reply.has_value()) return std::string(status_name(reply.error()));
        constexpr std::array changes{"published", "overwritten", "deleted", "missed"};
        constexpr std::array types{"u32", "string", "label", "memory", "map"};
        if (reply->change == Change::missed) return "missed";
        return std::format("{} {} {} {}", changes[static_cast<std::size_t>(reply->change)],
                           types[static_cast<std::size_t>(reply->type)], clients.text(caller, key, reply->key_bytes),
                           reply->value);
    }
    std::vector<std::string> list() {
        std::vector<std::string> lines;
        for (std::uint64_t index = 0;;) {
            const Buffer key = clients.room(stranger, key_limit);
            const Buffer value = clients.room(stranger, string_limit);
            const auto reply = call<EntryNext>(stranger, {.index = index, .key = key, .value = value});
            if (reply.status() == Status::no_entry) return lines;
            REQUIRE(reply.has_value());
            const std::string text = clients.text(stranger, key, reply->key_bytes);
            const bool is_string = reply->type == EntryType::string;
            lines.push_back(is_string ? std::format("{}={}", text, clients.text(stranger, value, reply->value))
                                      : std::format("{}={}", text, reply->value));
            index = std::uint64_t{reply->index} + 1;
        }
    }

    RecordingMemory memory{Store::memory_bytes};
    FakeClients clients;
    runtime::GrantTable grants{[](std::span<GrantEntry>) { return Completion(Done{}); }, [](GrantId) {}};
    std::optional<Store> store;
    std::optional<Service> service;
    Store::Report report;
    std::size_t lost_maps = 0;
};

struct FreshMachine : Machine {
    FreshMachine() { start(Origin::fresh); }
};

} // namespace tessera::ds::test
