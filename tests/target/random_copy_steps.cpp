// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/random_steps.h"
#include <algorithm>

namespace tessera::target::random {

void write_word(Stage& stage) {
    const Player player = stage.anybody();
    const std::uint64_t page = stage.chance().below(pages_of_each);
    if (!includes(stage.model().page(player, page).protection, Protection::write)) return read_page(stage);
    const bool first = stage.chance().one_in(2);
    const std::uint64_t value = stage.chance().word();
    const VirtualAddress place =
        first ? address_of_page(page) : address_of_page(page + 1) + (0 - sizeof(std::uint64_t));
    const auto written =
        stage.call<AccessWord>(player, {.address = place, .value = value, .how = AccessWord::How::write});
    stage.agree(written.status(), Status::ok);
    Cell& cell = stage.model().cell(player, page);
    (first ? cell.first : cell.last) = value;
}

void read_page(Stage& stage) { stage.compare_page(stage.anybody(), stage.chance().below(pages_of_each)); }

void renew_memory(Stage& stage) {
    const Player player = stage.anybody();
    const PageRange range = stage.some_pages();
    const auto mapped =
        stage.call<MapMemory>(player, {.address = address_of_page(range.first), .bytes = range.count * page_bytes});
    stage.agree(mapped.status(), Status::ok);
    stage.model().renew(player, range);
}

namespace {

// Whole pages, or all but the first and the last word of the range: then head and tail are parts of pages.
enum class Extent : std::uint8_t { whole, inner };
constexpr std::uint64_t margin(Extent extent) { return extent == Extent::whole ? 0 : sizeof(std::uint64_t); }

struct Copy {
    Player caller;
    GrantHop grant;
    PageRange part;   // of the grant
    std::uint64_t at; // page of the caller
    CopyDirection direction;
    Extent extent;

    bool from_grant() const { return direction == CopyDirection::from_grant; }
};

// Between whose pages it goes, once it is known where the grant leads.
struct Ends {
    Player source;
    std::uint64_t from;
    Player destination;
    std::uint64_t to;
};

Ends ends_of(const Copy& copy, const Route& route) {
    if (copy.from_grant()) return {route.owner, route.first, copy.caller, copy.at};
    return {copy.caller, copy.at, route.owner, route.first};
}

GrantRights rights_for(CopyDirection direction) {
    return direction == CopyDirection::from_grant ? GrantRights::read : GrantRights::write;
}

Copy some_copy(Stage& stage, const GrantTerms& grant, CopyDirection direction) {
    const PageRange part = stage.some_part_of(grant);
    return {.caller = stage.some_user_of(grant),
            .grant = grant.id,
            .part = part,
            .at = stage.chance().below(pages_of_each - part.count + 1),
            .direction = direction,
            .extent = stage.chance().one_in(4) ? Extent::inner : Extent::whole};
}

// Some page is written before it is read: what comes of that depends on when VM was asked for memory.
bool overtakes_itself(Stage& stage, const Ends& ends, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
        for (std::uint64_t j = 0; j < count; ++j)
            if (i != j &&
                &stage.model().cell(ends.destination, ends.to + i) == &stage.model().cell(ends.source, ends.from + j))
                return true;
    return false;
}

// How many pages there are before the first that the destination must not write.
std::uint64_t writable_pages(Stage& stage, const Ends& ends, std::uint64_t count) {
    std::uint64_t writable = 0;
    while (writable < count &&
           includes(stage.model().page(ends.destination, ends.to + writable).protection, Protection::write))
        ++writable;
    return writable;
}

Cell copied_cell(Stage& stage, const Ends& ends, const Copy& copy, std::uint64_t i) {
    Cell result = stage.model().cell(ends.source, ends.from + i);
    const Cell& before = stage.model().cell(ends.destination, ends.to + i);
    if (copy.extent == Extent::inner && i == 0) result.first = before.first;
    if (copy.extent == Extent::inner && i == copy.part.count - 1) result.last = before.last;
    return result;
}

bool is_as_in_model(Stage& stage, const Ends& ends, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
        if (stage.seen(ends.destination, ends.to + i) != stage.model().cell(ends.destination, ends.to + i))
            return false;
    return true;
}

// Of a copy that ended at a page that cannot be written, any number of the pages before it may have been copied. All
// are looked at for each number, as the destination may have one page at several places.
void take_over(Stage& stage, const Copy& copy, const Ends& ends, std::uint64_t most) {
    for (std::uint64_t i = 0; i < most; ++i) {
        if (stage.answer() != Status::ok && is_as_in_model(stage, ends, most)) return;
        stage.model().cell(ends.destination, ends.to + i) = copied_cell(stage, ends, copy, i);
    }
}

void copy(Stage& stage, CopyGrant::By by) {
    const auto direction = stage.chance().one_in(2) ? CopyDirection::from_grant : CopyDirection::to_grant;
    const GrantTerms* const grant = stage.some_grant(rights_for(direction));
    if (grant == nullptr) return;
    const Copy copy = some_copy(stage, *grant, direction);
    const auto route =
        stage.model().resolve(stage.model().endpoint(copy.caller), copy.grant, rights_for(direction), copy.part);
    const auto ends = route.has_value() ? ends_of(copy, *route) : Ends{};
    if (route.has_value() && overtakes_itself(stage, ends, copy.part.count)) return;
    const auto done = require_value(
        stage.call<CopyGrant>(copy.caller, {.grantor = copy.grant.grantor,
                                            .grant = copy.grant.grant,
                                            .offset = copy.part.first * page_bytes + margin(copy.extent),
                                            .address = address_of_page(copy.at) + margin(copy.extent),
                                            .bytes = copy.part.count * page_bytes - 2 * margin(copy.extent),
                                            .direction = copy.direction,
                                            .by = by}));
    if (!route.has_value()) return stage.agree(done.status, route.error());
    if (by == CopyGrant::By::vm && ends.source == ends.destination) return stage.agree(done.status, Status::invalid);
    const std::uint64_t writable = writable_pages(stage, ends, copy.part.count);
    stage.agree(done.status, writable == copy.part.count ? Status::ok : Status::bad_address);
    take_over(stage, copy, ends, writable);
}

} // namespace

void copy_by_kernel(Stage& stage) { copy(stage, CopyGrant::By::kernel); }
void copy_by_vm(Stage& stage) { copy(stage, CopyGrant::By::vm); }

} // namespace tessera::target::random
