// SPDX-License-Identifier: BSD-3-Clause
// What it costs to get at 1 to 50 pages of another process, and that what is got is right: behaviour file, section 7.4.
// The time is reported and never judged. A tick of the time-stamp counter is an instruction on Bochs, and on QEMU when
// its clock follows instructions (docs/running.md).

#include "kernel/abi/calls/grants.h"
#include "servers/protocols/rs.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/log_format.h"
#include "tests/target/page_pattern.h"
#include "tests/target/test.h"
#include <array>
#include <sys/mman.h>
#include <x86intrin.h>

namespace tessera::target {

namespace {

using namespace protocol::vm;

constexpr std::uint64_t most_pages = 50;
constexpr std::uint64_t touched_word = ~0ull; // in no pattern

enum class Way : std::uint8_t { copy, shared_copy, map };
enum class Touch : std::uint8_t { read, write };

// Pages of the assistant, granted to us, and pages of ours.
class Pages {
public:
    explicit Pages(Environment& environment) : environment_(environment) {
        using namespace protocol::rs;
        const auto self =
            require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs, {.label = Name("target_tests"), .wait = {}}))
                .endpoint;
        theirs_ = require_value(environment.assistant.call<MapMemory>({.address = {}, .bytes = bytes})).address;
        grant_ = require_value(environment.assistant.call<PassOn>(
                                   {.grantee = self,
                                    .grantor = endpoints::none,
                                    .grant = {},
                                    .rights = GrantRights::read | GrantRights::write | GrantRights::map,
                                    .offset = theirs_.value,
                                    .bytes = bytes}))
                     .grant;
        grantor_ = require_value(environment.assistant.endpoint());
        void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        require(memory != MAP_FAILED, "memory");
        ours_ = static_cast<std::uint64_t*>(memory);
        fill_pages({ours_, most_pages * page_words}, 1);
    }
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;
    ~Pages() {
        (void)munmap(ours_, bytes);
        (void)environment_.assistant.call<DropGrants>({});
        (void)environment_.assistant.call<UnmapGrant>({.address = theirs_, .bytes = bytes, .how = Unmapping::munmap});
    }

    // Brings pages here, and touches each. The ticks that it took.
    std::uint64_t measure(Way way, Touch touch, std::uint64_t pages) {
        first_ += most_pages; // other contents each time
        require_value(
            environment_.assistant.call<FillPages>({.address = theirs_, .pages = most_pages, .first = first_}));
        const std::uint64_t begin = __rdtsc();
        std::uint64_t* const here = bring(way, pages);
        for (std::uint64_t i = 0; i < pages; ++i) {
            volatile std::uint64_t& word = here[i * page_words];
            if (touch == Touch::write)
                word = touched_word;
            else
                (void)word;
        }
        const std::uint64_t ticks = __rdtsc() - begin;
        require_right(way, touch, {here, pages * page_words});
        if (way == Way::map) require(munmap(here, pages * page_bytes) == 0, "unmapped");
        return ticks;
    }

private:
    static constexpr std::uint64_t bytes = most_pages * page_bytes;

    std::uint64_t* bring(Way way, std::uint64_t pages) {
        const VirtualAddress here{reinterpret_cast<std::uint64_t>(ours_)};
        const std::uint64_t count = pages * page_bytes;
        switch (way) {
        case Way::copy:
            require_value(kernel_call<kernel_calls::SafecopyFrom>(
                {.grantor = grantor_, .grant = grant_, .offset = 0, .address = here, .bytes = count}));
            return ours_;
        case Way::shared_copy:
            require_value(runtime::call<VmProtocol, Safecopy>(endpoints::vm, {.grantor = grantor_,
                                                                              .grant = grant_,
                                                                              .offset = 0,
                                                                              .address = here,
                                                                              .bytes = count,
                                                                              .direction = CopyDirection::from_grant}));
            return ours_;
        case Way::map:
            break;
        }
        const auto mapped = require_value(
            runtime::call<VmProtocol, Safemap>(endpoints::vm, {.grantor = grantor_,
                                                               .grant = grant_,
                                                               .offset = 0,
                                                               .address = {},
                                                               .bytes = count,
                                                               .protection = Protection::read | Protection::write}));
        return reinterpret_cast<std::uint64_t*>(mapped.address.value);
    }

    // Every word of the pages here, and of those that are granted, also behind what was brought.
    void require_right(Way way, Touch touch, std::span<const std::uint64_t> here) {
        const std::uint64_t pages = here.size() / page_words;
        const std::uint64_t head = touch == Touch::write ? touched_word : 0;
        require_equal(different_pages(here, first_, head), 0, "pages that are wrong here");
        require_equal(different(theirs_, pages, first_, way == Way::map ? head : 0), 0, "pages that are wrong there");
        require_equal(different(theirs_ + pages * page_bytes, most_pages - pages, first_ + pages, 0), 0,
                      "pages that are wrong behind them");
    }
    std::uint64_t different(VirtualAddress at, std::uint64_t pages, std::uint64_t first, std::uint64_t head) {
        return require_value(environment_.assistant.call<ComparePages>(
                                 {.address = at, .pages = pages, .first = first, .head = head}))
            .different;
    }

    Environment& environment_;
    VirtualAddress theirs_;
    GrantId grant_;
    Endpoint grantor_;
    std::uint64_t* ours_ = nullptr;
    std::uint64_t first_ = 1;
};

void measure(Environment& environment, Way way, Touch touch, std::string_view what) {
    Pages pages(environment);
    const std::uint64_t rounds = environment.settings.safeperf_rounds;
    std::uint64_t all = 0, one = 0, most = 0;
    for (std::uint64_t round = 0; round < rounds; ++round)
        for (std::uint64_t count = 1; count <= most_pages; ++count) {
            const std::uint64_t ticks = pages.measure(way, touch, count);
            all += ticks;
            if (count == 1) one += ticks;
            if (count == most_pages) most += ticks;
        }
    constexpr std::uint64_t pages_a_round = most_pages * (most_pages + 1) / 2;
    log_info("safeperf: {}: {} ticks a page; of 1 page {}, of {} pages {} each; {} rounds", what,
             all / (rounds * pages_a_round), one / rounds, most_pages, most / (rounds * most_pages), rounds);
}

constexpr std::array tests{
    Test{"safeperf.copy_read", [](Environment& e) { measure(e, Way::copy, Touch::read, "copy, read"); }},
    Test{"safeperf.copy_write", [](Environment& e) { measure(e, Way::copy, Touch::write, "copy, written to"); }},
    Test{"safeperf.shared_copy_read",
         [](Environment& e) { measure(e, Way::shared_copy, Touch::read, "shared copy, read"); }},
    Test{"safeperf.shared_copy_write",
         [](Environment& e) { measure(e, Way::shared_copy, Touch::write, "shared copy, written to"); }},
    Test{"safeperf.map_read", [](Environment& e) { measure(e, Way::map, Touch::read, "map, read"); }},
    Test{"safeperf.map_write", [](Environment& e) { measure(e, Way::map, Touch::write, "map, written to"); }},
};

} // namespace

std::span<const Test> safeperf_tests() { return tests; }

} // namespace tessera::target
