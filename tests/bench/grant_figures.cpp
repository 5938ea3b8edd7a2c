// SPDX-License-Identifier: BSD-3-Clause
// What it costs to get at another process's memory, by its size: a copy, a copy that shares its pages, and a map; as
// they are, and with each page written to afterwards.

#include "kernel/abi/calls/grants.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "tests/bench/echo_protocol.h"
#include "tests/bench/figures.h"
#include "tests/bench/pages.h"
#include <cstring>
#include <string>

namespace tessera::bench {

namespace {

struct Size {
    std::string_view name;
    std::uint64_t bytes;
};

constexpr std::array sizes{Size{"64", 64},        Size{"4k", 4096},    Size{"16k", 16384},      Size{"64k", 65536},
                           Size{"256k", 262'144}, Size{"1m", 1 << 20}, Size{"4m", shared_bytes}};

// Fewer of the large ones.
std::size_t times(const Size& size) { return size.bytes > (1 << 18) ? 20 : 100; }

enum class After : std::uint8_t { nothing, touched };

class GrantFigures {
public:
    GrantFigures(const Meter& meter, Endpoint echo, GrantId grant) : meter_(meter), echo_(echo), grant_(grant) {}

    void run() {
        own_ = map();
        if (own_ == nullptr) return;
        std::memset(own_, 1, shared_bytes);
        for (const Size& size : sizes) copy(size);
        unmap(own_);
        for (const Size& size : sizes) {
            if (size.bytes % page_bytes != 0) continue;
            for (const After after : {After::nothing, After::touched}) {
                into_fresh_memory("safecopy.fresh.", size, after, [&](std::byte* to) { plain_copy(to, size.bytes); });
                into_fresh_memory("safecopy.cow.", size, after, [&](std::byte* to) { shared_copy(to, size.bytes); });
                map_figure(size, after);
            }
        }
    }

private:
    static std::byte* map() { return map_pages(shared_bytes / page_bytes); }
    static void unmap(std::byte* memory) { (void)munmap(memory, shared_bytes); }
    static VirtualAddress address(std::byte* memory) { return {reinterpret_cast<std::uint64_t>(memory)}; }

    void plain_copy(std::byte* to, std::uint64_t bytes) const {
        (void)kernel_call<kernel_calls::SafecopyFrom>(
            {.grantor = echo_, .grant = grant_, .offset = 0, .address = address(to), .bytes = bytes});
    }
    void shared_copy(std::byte* to, std::uint64_t bytes) const {
        using namespace protocol::vm;
        (void)runtime::call<VmProtocol, Safecopy>(endpoints::vm, {.grantor = echo_,
                                                                  .grant = grant_,
                                                                  .offset = 0,
                                                                  .address = address(to),
                                                                  .bytes = bytes,
                                                                  .direction = CopyDirection::from_grant});
    }

    // To memory that is there.
    void copy(const Size& size) {
        meter_.run("safecopy." + std::string(size.name), times(size), [&] { plain_copy(own_, size.bytes); });
        if (size.bytes < page_bytes || size.bytes > shared_bytes / 2) return;
        meter_.run("rep_movsb." + std::string(size.name), times(size), [&] {
            void* to = own_;
            const void* from = own_ + shared_bytes / 2;
            std::size_t count = size.bytes;
            asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
        });
    }

    static void touch_all(std::byte* memory, std::uint64_t bytes) {
        for (std::uint64_t offset = 0; offset < bytes; offset += page_bytes) touch(memory + offset);
    }

    static std::string name(std::string_view what, const Size& size, After after) {
        return std::string(what) + std::string(size.name) + (after == After::touched ? ".touched" : "");
    }

    // To memory that nobody touched before.
    template <class Copy> void into_fresh_memory(std::string_view what, const Size& size, After after, Copy&& copy) {
        std::vector<std::uint64_t> samples(times(size));
        for (std::uint64_t& sample : samples) {
            std::byte* const memory = map();
            if (memory == nullptr) return;
            touch(memory + shared_bytes - page_bytes); // its page tables are there
            const std::uint64_t begin = __rdtsc();
            copy(memory);
            if (after == After::touched) touch_all(memory, size.bytes);
            sample = __rdtsc() - begin;
            unmap(memory);
        }
        meter_.report(name(what, size, after), samples);
    }

    // A map, and its end.
    void map_figure(const Size& size, After after) {
        using namespace protocol::vm;
        std::vector<std::uint64_t> samples(times(size));
        for (std::uint64_t& sample : samples) {
            const std::uint64_t begin = __rdtsc();
            const auto mapped =
                runtime::call<VmProtocol, Safemap>(endpoints::vm, {.grantor = echo_,
                                                                   .grant = grant_,
                                                                   .offset = 0,
                                                                   .address = {},
                                                                   .bytes = size.bytes,
                                                                   .protection = Protection::read | Protection::write});
            if (!mapped.has_value()) return;
            if (after == After::touched) touch_all(reinterpret_cast<std::byte*>(mapped->address.value), size.bytes);
            sample = __rdtsc() - begin;
            (void)munmap(reinterpret_cast<void*>(mapped->address.value), size.bytes);
        }
        meter_.report(name("safemap.", size, after), samples);
    }

    const Meter& meter_;
    Endpoint echo_;
    GrantId grant_;
    std::byte* own_ = nullptr;
};

} // namespace

void grant_figures(const Meter& meter, Endpoint echo, GrantId grant) { GrantFigures(meter, echo, grant).run(); }

} // namespace tessera::bench
