// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The data store: small values under keys, which survive the death of their owners and of DS itself.
// An entry is identified by (key, type). Keys have 1..79 bytes, strings at most 1024; both move by grant: one that the
// kernel refuses answers not_permitted, one over missing memory bad_address.
//
// Two types hold more. A `memory` entry is a copy of some bytes. A `map` entry is memory of its owner that others see
// while it changes, and of which DS takes snapshots. When the owner dies, the entry has what was in its memory then. A
// restarted DS maps the memory again if the owner lives and granted it to endpoints::any; if not, the entry is gone.

#include "kernel/abi/endpoint.h"
#include "kernel/abi/grant.h"
#include "kernel/abi/process.h"
#include "servers/protocols/protocol.h"

namespace tessera::protocol::ds {

inline constexpr std::size_t key_limit = 80;          // with the NUL
inline constexpr std::size_t string_limit = 1024;     // bytes of a string value
inline constexpr std::size_t range_limit = 64 * 1024; // bytes of a memory or map entry
inline constexpr std::size_t entry_limit = 256;
inline constexpr std::size_t map_limit = 16;     // entries of type map
inline constexpr std::size_t snapshot_limit = 5; // of an entry; the oldest goes for a sixth

enum class EntryType : std::uint8_t { u32 = 0, string = 1, label = 2, memory = 3, map = 4, any = 255 };
enum class Overwrite : std::uint8_t { refuse = 0, allow = 1 };

// A readable (for answers: writable) direct grant to DS of `bytes` bytes.
struct Buffer {
    GrantId grant;
    std::uint32_t bytes;
};

struct PublishU32 {
    static constexpr std::string_view name = "publish_u32";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key;
        std::uint32_t value;
        Overwrite overwrite;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::exists, Status::invalid, Status::no_space, Status::not_permitted,
                                       Status::bad_address};
};

struct PublishString {
    static constexpr std::string_view name = "publish_string";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key;
        Buffer value;
        Overwrite overwrite;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::exists, Status::invalid, Status::no_space, Status::not_permitted,
                                       Status::bad_address};
};

// Also finds labels: the value is the endpoint.
struct RetrieveU32 {
    static constexpr std::string_view name = "retrieve_u32";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Buffer key;
        EntryType type; // u32 or label
    };
    struct Reply {
        std::uint32_t value;
        Name owner;
    };
    static constexpr std::array errors{Status::no_such, Status::invalid, Status::bad_address, Status::not_permitted};
};

struct RetrieveString {
    static constexpr std::string_view name = "retrieve_string";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Buffer key;
        Buffer value; // writable; at most its bytes are copied
    };
    struct Reply {
        std::uint32_t bytes; // of the whole value
        Name owner;
    };
    static constexpr std::array errors{Status::no_such, Status::invalid, Status::bad_address, Status::not_permitted};
};

// The name of a label by its endpoint.
struct RetrieveLabelName {
    static constexpr std::string_view name = "retrieve_label_name";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Endpoint endpoint;
    };
    struct Reply {
        Name label;
    };
    static constexpr std::array errors{Status::no_such};
};

// No space: in the table, or for the bytes of all memory entries and snapshots together.
struct PublishMemory {
    static constexpr std::string_view name = "publish_memory";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key;
        Buffer value; // at most range_limit
        Overwrite overwrite;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::exists,        Status::invalid,     Status::no_space,
                                       Status::not_permitted, Status::bad_address, Status::out_of_memory};
};

struct RetrieveMemory {
    static constexpr std::string_view name = "retrieve_memory";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Buffer key;
        Buffer value; // writable; at most its bytes are copied
        std::uint32_t offset;
    };
    struct Reply {
        std::uint32_t bytes; // of the whole value
        Name owner;
    };
    static constexpr std::array errors{Status::no_such, Status::invalid, Status::bad_address, Status::not_permitted,
                                       Status::out_of_memory};
};

// Whole pages at a page's start, at most range_limit, granted to DS or to anybody for reading and mapping. Overwriting
// keeps the snapshots; who mapped the old memory keeps what was in it.
struct PublishMap {
    static constexpr std::string_view name = "publish_map";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key;
        Buffer memory;
        Overwrite overwrite;
    };
    using Reply = Nothing;
    // access_denied: memory that cannot be mapped.
    static constexpr std::array errors{Status::exists,        Status::invalid,     Status::no_space,
                                       Status::not_permitted, Status::bad_address, Status::out_of_memory,
                                       Status::access_denied};
};

// A grant of DS's for reading and mapping. It ends when the entry is deleted or published anew. Out of memory: a
// restarted DS cannot map it now.
struct RetrieveMap {
    static constexpr std::string_view name = "retrieve_map";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Buffer key;
    };
    struct Reply {
        GrantId grant;
        std::uint32_t bytes;
        std::uint32_t snapshots; // how many were taken: there are the last snapshot_limit of them
        Name owner;
    };
    static constexpr std::array errors{Status::no_such, Status::invalid, Status::bad_address, Status::not_permitted,
                                       Status::out_of_memory};
};

// Keeps what is in the memory of a map entry now. Owner and management server only. Subscribers see it as overwriting.
struct Snapshot {
    static constexpr std::string_view name = "snapshot";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key;
    };
    struct Reply {
        std::uint32_t index; // 0, 1, 2, ...
    };
    static constexpr std::array errors{Status::no_such,       Status::invalid,  Status::bad_address,
                                       Status::not_permitted, Status::no_space, Status::out_of_memory};
};

// no_entry: a snapshot that was not taken yet, or was dropped.
struct RetrieveSnapshot {
    static constexpr std::string_view name = "retrieve_snapshot";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Buffer key;
        Buffer value; // writable; at most its bytes are copied
        std::uint32_t index;
        std::uint32_t offset;
    };
    struct Reply {
        std::uint32_t bytes; // of the whole snapshot
    };
    static constexpr std::array errors{Status::no_such,     Status::no_entry,      Status::invalid,
                                       Status::bad_address, Status::not_permitted, Status::out_of_memory};
};

// Owner only; the management server may delete what it shows.
struct Delete {
    static constexpr std::string_view name = "delete";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key;
        EntryType type;
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::no_such, Status::not_permitted, Status::invalid, Status::bad_address};
};

// The entry at or after a place in the table; its key is copied to `key`, a string's value to `value`.
struct EntryNext {
    static constexpr std::string_view name = "entry_next";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        std::uint64_t index;
        Buffer key;   // writable, key_limit bytes
        Buffer value; // writable, string_limit bytes
    };
    struct Reply {
        std::uint32_t index;
        std::uint32_t value;     // u32: the value; label: the endpoint; string, memory, map: the bytes
        std::uint32_t snapshots; // taken of a map entry
        Name owner;
        EntryType type;
        std::uint8_t key_bytes;
    };
    static constexpr std::array errors{Status::no_entry, Status::invalid, Status::bad_address, Status::not_permitted};
};

// The caller is notified by DS when an entry whose whole key matches the POSIX extended regular expression is
// published, overwritten or deleted. Several subscriptions an owner; the same pattern again replaces nothing and is
// fine. no_such: the caller is not a service.
struct Subscribe {
    static constexpr std::string_view name = "subscribe";
    static constexpr Repeat repeat = Repeat::idempotent;
    struct Request {
        Buffer pattern;
        EntryType type; // or any
    };
    using Reply = Nothing;
    static constexpr std::array errors{Status::invalid, Status::no_space, Status::bad_address, Status::no_such,
                                       Status::not_permitted};
};

enum class Change : std::uint8_t {
    published = 0,
    overwritten = 1,
    deleted = 2,
    missed = 3
}; // missed: the queue was full

// The oldest change that the caller was not told of; its key is copied to `key`.
struct Check {
    static constexpr std::string_view name = "check";
    static constexpr Repeat repeat = Repeat::once;
    struct Request {
        Buffer key; // writable, key_limit bytes
    };
    struct Reply {
        Change change;
        EntryType type;
        std::uint8_t key_bytes;
        std::uint8_t reserved;
        std::uint32_t value; // as in EntryNext, after the change; a string's is 0
    };
    static constexpr std::array errors{Status::no_entry, Status::no_such, Status::bad_address, Status::not_permitted};
};

using DsProtocol = Protocol<ProtocolId::ds, PublishU32, PublishString, RetrieveU32, RetrieveString, RetrieveLabelName,
                            Delete, EntryNext, Subscribe, Check, PublishMemory, RetrieveMemory, PublishMap, RetrieveMap,
                            Snapshot, RetrieveSnapshot>;

} // namespace tessera::protocol::ds
