// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What the processes of random_grants must see: each page of a process is a cell that several of them may have, as
// their memory is mapped by grants. It knows who granted what to whom, and so what every use of a grant is answered.

#include "kernel/abi/grant.h"
#include "kernel/abi/result.h"
#include "servers/protocols/vm.h"
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace tessera::target::random {

using protocol::vm::Protection;

// Two services, which can grant, and three user processes, which can fork.
enum class Player : std::uint8_t { service_a, service_b, user_c, user_d, user_e };
inline constexpr std::array players{Player::service_a, Player::service_b, Player::user_c, Player::user_d,
                                    Player::user_e};
inline constexpr std::array services{Player::service_a, Player::service_b};
inline constexpr std::array users{Player::user_c, Player::user_d, Player::user_e};
inline constexpr Player magician = Player::service_b; // may grant memory of user processes
constexpr std::size_t index_of(Player player) { return static_cast<std::size_t>(player); }
constexpr bool is_service(Player player) { return player < users.front(); }

inline constexpr std::uint64_t pages_of_each = 8;
inline constexpr VirtualAddress memory_of_each{0x22'0000'0000};
constexpr VirtualAddress address_of_page(std::uint64_t page) { return memory_of_each + page * page_bytes; }

inline constexpr Protection read_write = Protection::read | Protection::write;

struct PageRange {
    std::uint64_t first = 0;
    std::uint64_t count = 0;

    constexpr std::uint64_t end() const { return first + count; }
    constexpr bool overlaps(PageRange other) const { return first < other.end() && other.first < end(); }
};

// The words by which a page is known: its first and its last.
struct Cell {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    constexpr bool operator==(const Cell&) const = default;
};

struct Page {
    std::shared_ptr<Cell> cell = std::make_shared<Cell>();
    Protection protection = read_write;
};

struct GrantTerms {
    GrantHop id;
    GrantKind kind = GrantKind::unused;
    GrantRights rights = GrantRights::none;
    Endpoint grantee;
    GrantHop previous; // indirect
    Endpoint process;  // magic: whose memory it is
    PageRange pages;   // indirect: of the grant before
};

struct MapRecord {
    Player grantee;
    Player owner;
    PageRange to;
    std::uint64_t from = 0;
    Protection protection = read_write;
    std::vector<GrantHop> hops;

    bool is_had(Player player, PageRange range) const { return player == grantee && to.overlaps(range); }
    bool is_lent(Player player, PageRange range) const { return player == owner && range.overlaps({from, to.count}); }
    bool goes_by(GrantHop hop) const;
    bool goes_by(Endpoint grantor) const;
};

// Where the use of a grant ends.
struct Route {
    Player owner;
    std::uint64_t first = 0; // page
    std::vector<GrantHop> hops;
};

constexpr GrantRights rights_to_map(Protection protection) {
    const GrantRights to_read = GrantRights::map | GrantRights::read;
    return protection == read_write ? to_read | GrantRights::write : to_read;
}

class Model {
public:
    void begin(Player player, Endpoint endpoint);              // with zeroed memory
    void fork(Player parent, Player child, Endpoint endpoint); // with a copy of the parent's
    void die(Player player);
    std::optional<Player> player_at(Endpoint endpoint) const; // one that lives
    Endpoint endpoint(Player player) const { return endpoints_[index_of(player)]; }

    const Page& page(Player player, std::uint64_t page) const { return pages_[index_of(player)][page]; }
    Cell& cell(Player player, std::uint64_t page) { return *pages_[index_of(player)][page].cell; }
    void renew(Player player, PageRange range);

    const std::vector<GrantTerms>& grants() const { return grants_; }
    void grant(const GrantTerms& terms) { grants_.push_back(terms); }
    void drop(GrantHop id);
    // A use of pages of a grant. Errors: those of the kernel.
    Result<Route> resolve(Endpoint grantee, GrantHop grant, GrantRights rights, PageRange pages) const;

    // How many grants there are on its way that pass on another; those that end nowhere count.
    std::size_t length(const GrantTerms& grant) const;
    // What its grantee is answered who uses all of it so.
    Status use(const GrantTerms& grant, GrantRights rights) const;

    const std::vector<MapRecord>& maps() const { return maps_; }
    struct MapRequest {
        Player grantee;
        GrantHop grant;
        PageRange pages;  // of the grant
        std::uint64_t to; // page of the grantee
        Protection protection;
    };
    Status safemap(const MapRequest& request);
    Status safeunmap(Player grantee, std::uint64_t page);
    std::size_t revoke(GrantHop grant); // how many maps ended
    std::size_t revoke_range(Player owner, PageRange range);

private:
    const GrantTerms* find(GrantHop id) const;
    Result<Player> owner_of(const GrantTerms& grant, Player grantor) const;
    Status check_source(const Route& route, const MapRequest& request) const;
    template <class Wanted> void take(std::vector<MapRecord>& ending, Wanted&& wanted);
    template <class Wanted> std::size_t end_maps(Wanted&& wanted);

    std::array<Endpoint, players.size()> endpoints_;
    std::array<std::array<Page, pages_of_each>, players.size()> pages_;
    std::vector<GrantTerms> grants_;
    std::vector<MapRecord> maps_;
};

} // namespace tessera::target::random
