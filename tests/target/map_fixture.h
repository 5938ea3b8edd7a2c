// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Eight pages of ours that the two assistants map by grants, and what each of the three sees of them.

#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "tests/target/test.h"
#include <sys/mman.h>

namespace tessera::target {

constexpr GrantRights all_rights = GrantRights::read | GrantRights::write | GrantRights::map;

class MapFixture {
public:
    static constexpr std::size_t pages = 8;
    using Protection = protocol::vm::Protection;
    static constexpr Protection read_write = Protection::read | Protection::write;

    explicit MapFixture(Environment& environment) : environment_(environment) {
        using namespace protocol::rs;
        (void)runtime::call<RsProtocol, ServiceRestart>(endpoints::rs, {.label = Name("assistant_b")});
        self =
            require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs, {.label = Name("target_tests"), .wait = {}}))
                .endpoint;
        a = require_value(environment.assistant.endpoint());
        b = require_value(other_.endpoint());
        void* const memory =
            mmap(nullptr, pages * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        require(memory != MAP_FAILED, "memory");
        memory_ = static_cast<std::byte*>(memory);
        for (std::size_t i = 0; i < pages; ++i) word(i) = 10 + i;
    }
    MapFixture(const MapFixture&) = delete;
    MapFixture& operator=(const MapFixture&) = delete;
    ~MapFixture() { (void)munmap(memory_, pages * page_bytes); }

    std::span<std::byte> memory() const { return {memory_, pages * page_bytes}; }
    volatile std::uint64_t& word(std::size_t page) const {
        return *reinterpret_cast<volatile std::uint64_t*>(memory_ + page * page_bytes);
    }
    runtime::Grant grant(Endpoint grantee, GrantRights rights = all_rights) {
        return require_value(environment_.grants.direct(grantee, rights, memory()));
    }

    runtime::ServiceConnection<AssistantProtocol>& connection(Endpoint who) {
        return who == a ? environment_.assistant : other_;
    }
    MapGrant::Reply try_map(Endpoint who, Endpoint grantor, GrantId grant, Protection protection = read_write,
                            std::uint64_t bytes = pages * page_bytes, std::uint64_t offset = 0,
                            VirtualAddress address = {}) {
        return require_value(connection(who).call<MapGrant>({.grantor = grantor,
                                                             .grant = grant,
                                                             .offset = offset,
                                                             .bytes = bytes,
                                                             .address = address,
                                                             .protection = protection}));
    }
    // Where it has the pages then.
    VirtualAddress map(Endpoint who, Endpoint grantor, GrantId grant, Protection protection = read_write,
                       Place place = Place::current()) {
        const auto reply = try_map(who, grantor, grant, protection);
        require_status(reply.status, Status::ok, "the map", place);
        return reply.address;
    }
    Status unmap(Endpoint who, VirtualAddress address, Unmapping how, std::uint64_t bytes = pages * page_bytes) {
        return require_value(connection(who).call<UnmapGrant>({.address = address, .bytes = bytes, .how = how})).status;
    }
    std::uint64_t read(Endpoint who, VirtualAddress address) {
        return require_value(
                   connection(who).call<AccessWord>({.address = address, .value = 0, .how = AccessWord::How::read}))
            .value;
    }
    void write(Endpoint who, VirtualAddress address, std::uint64_t value) {
        require_value(
            connection(who).call<AccessWord>({.address = address, .value = value, .how = AccessWord::How::write}));
    }
    GrantId pass_on(Endpoint who, const PassOn::Request& request) {
        return require_value(connection(who).call<PassOn>(request)).grant;
    }
    void drop_grants(Endpoint who) { require_value(connection(who).call<DropGrants>({})); }

    // Whether a write of ours is seen there.
    bool shared_with(Endpoint who, VirtualAddress address) {
        word(0) = word(0) + 1;
        return read(who, address) == word(0);
    }
    void require_separate(Endpoint who, VirtualAddress address, std::uint64_t contents,
                          Place place = Place::current()) {
        require_equal(static_cast<std::uint64_t>(word(0)), contents, "what we have", place);
        require_equal(read(who, address), contents, "what it has", place);
        write(who, address, 1000);
        require_equal(static_cast<std::uint64_t>(word(0)), contents, "what we have after its write", place);
        require(!shared_with(who, address), "each has its own", place);
    }

    Endpoint self;
    Endpoint a;
    Endpoint b;

private:
    Environment& environment_;
    runtime::ServiceConnection<AssistantProtocol> other_{"assistant_b"};
    std::byte* memory_ = nullptr;
};

} // namespace tessera::target
