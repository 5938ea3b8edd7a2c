// SPDX-License-Identifier: BSD-3-Clause
#include "tests/guest-fuzz/values.h"
#include "kernel/abi/calls/grants.h"
#include "kernel/abi/counters.h"
#include "kernel/abi/process.h"
#include "kernel/abi/user_layout.h"

namespace tessera::guest_fuzz {

namespace {

constexpr std::array<std::uint64_t, 27> boundaries{
    0,
    1,
    ~0ull,
    ~0ull - 1,
    page_bytes - 1,
    page_bytes,
    page_bytes + 1,
    log_text_limit,
    log_text_limit + 1,
    GrantId::index_limit,
    GrantId::index_limit + 1,
    process_limit - 1,
    process_limit,
    kernel_calls::safecopy_limit,
    kernel_calls::safecopy_limit + 1,
    (1ull << 31) - 1,
    1ull << 31,
    (1ull << 32) - 1,
    1ull << 32,
    (1ull << 39) - 1, // the end of user space
    1ull << 39,
    (1ull << 39) + 1,
    (1ull << 47) - 1, // the end of canonical addresses
    1ull << 47,
    (1ull << 63) - 1,
    1ull << 63,
    (1ull << 63) + 1,
};

// Nobody's memory, or memory that the fuzzer cannot write.
constexpr std::array<VirtualAddress, 11> places{
    user_layout::image,
    user_layout::boot_archive,
    user_layout::preserved,
    user_layout::contiguous,
    user_layout::devices,
    user_layout::boot_info,
    user_layout::physical_view,
    VirtualAddress{0xffff'fe00'0000'0000}, // the copy windows
    VirtualAddress{0xffff'fe80'0000'0000},
    VirtualAddress{0xffff'ffff'8020'0000}, // the kernel
    VirtualAddress{0xffff'ffff'8040'0000},
};

constexpr std::array specials{endpoints::none,     endpoints::any,   endpoints::self,           endpoints::kernel,
                              endpoints::hardware, endpoints::clock, Endpoint{process_limit, 1}};

// What the fuzzer lives on must not be hit by chance: its image, its heap, its stack.
bool is_own(VirtualAddress address) {
    constexpr std::uint64_t image_room = 64ull << 20, heap_room = 4ull << 30, stack_room = 4ull << 20;
    const auto within = [&](VirtualAddress begin, std::uint64_t bytes) {
        return address >= begin && address.value - begin.value < bytes;
    };
    return within(user_layout::image, image_room) || within(user_layout::anonymous, heap_room) ||
           within(user_layout::stack_end - stack_room, stack_room);
}

} // namespace

std::uint64_t Values::number() {
    switch (random_.below(8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        return random_.below(2 * page_bytes);
    case 4:
    case 5:
        return random_.one_of(boundaries);
    case 6:
        return random_.word() >> random_.below(64);
    default:
        return random_.word();
    }
}

VirtualAddress Values::address() {
    switch (random_.below(8)) {
    case 0:
    case 1:
        return Terrain::writable + (random_.below(Terrain::writable_bytes) & ~63ull);
    case 2:
    case 3:
        return Terrain::base + random_.below(Terrain::bytes);
    case 4:
        return Terrain::base + random_.below(Terrain::bytes / page_bytes) * page_bytes - random_.below(64);
    case 5:
        return random_.one_of(places);
    default:
        const VirtualAddress address{number()};
        return is_own(address) ? Terrain::read_only : address;
    }
}

Endpoint Values::one_of(const std::vector<Endpoint>& list) { return list.empty() ? cast_.self : random_.one_of(list); }

Endpoint Values::endpoint() {
    switch (random_.below(10)) {
    case 0:
    case 1:
    case 2:
        return one_of(cast_.bare);
    case 3:
        return one_of(cast_.users);
    case 4:
        return one_of(cast_.others);
    case 5:
        return random_.one_in(2) ? cast_.self : cast_.partner;
    case 6:
        return one_of(cast_.gone);
    case 7:
        return random_.one_of(specials);
    case 8:
        return Endpoint{static_cast<std::uint32_t>(random_.below(process_limit)),
                        static_cast<std::uint32_t>(random_.below(4))};
    default:
        return Endpoint::from_value(static_cast<std::uint32_t>(random_.word()));
    }
}

void Values::choose(GrantId& value) {
    constexpr std::uint32_t used_entries = 16;
    value = random_.one_in(4) ? GrantId::from_value(static_cast<std::uint32_t>(random_.word()))
                              : GrantId(static_cast<std::uint32_t>(random_.below(used_entries)), 1);
}

void Values::choose(Name& value) {
    value = Name("bare");
    if (random_.one_in(2)) return;
    for (char& character : value.characters) character = static_cast<char>(random_.word());
}

} // namespace tessera::guest_fuzz
