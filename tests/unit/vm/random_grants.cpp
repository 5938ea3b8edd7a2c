// SPDX-License-Identifier: BSD-3-Clause
// Maps of granted memory, large copies, forks, unmappings and deaths at random, compared with a model in which a page
// of a process is a cell that several may have.

#include "tests/unit/vm/grant_fixture.h"
#include "tests/unit/vm/random_run.h"
#include <memory>
#include <random>

using namespace tessera;
using namespace tessera::protocol::vm;
using tests::GrantFixture;

namespace {

constexpr std::uint32_t processes = 6;
constexpr std::uint64_t pages = tests::grant_pages;

using Cell = std::shared_ptr<int>;

struct ModelMap {
    std::uint32_t grantee, owner;
    std::uint64_t to, from, count; // pages
    std::vector<GrantHop> hops;

    bool touches(std::uint32_t process, std::uint64_t first, std::uint64_t last) const {
        return (process == grantee && to < last && first < to + count) || lends(process, first, last);
    }
    bool lends(std::uint32_t process, std::uint64_t first, std::uint64_t last) const {
        return process == owner && from < last && first < from + count;
    }
};

class Comparison : public GrantFixture {
public:
    explicit Comparison(std::uint32_t seed) : GrantFixture(2048), random_(seed) {
        for (std::uint32_t i = 0; i < processes; ++i) {
            ids_[i] = {4 + i, 1};
            for (Cell& cell : cells_[i]) cell = std::make_shared<int>(0);
        }
    }

    void step() {
        switch (below(16)) {
        case 0:
        case 1:
        case 2:
            map_one();
            break;
        case 3:
            revoke_one();
            break;
        case 4:
            unmap_map();
            break;
        case 5:
            unmap_range();
            break;
        case 6:
            replace_by_fork();
            break;
        case 7:
            if (below(4) == 0) die(below(processes));
            break;
        case 8:
        case 9:
            copy_some();
            break;
        case 10:
            revoke_range();
            break;
        default:
            write_one();
            break;
        }
        read_one();
    }
    void compare_all() {
        for (std::uint32_t i = 0; i < processes; ++i)
            for (std::uint64_t p = 0; p < pages; ++p) REQUIRE(get(ids_[i], page(p)) == *cells_[i][p]);
        REQUIRE(machine.maps.count() == maps_.size());
        REQUIRE(clean());
    }

private:
    std::uint32_t below(std::uint32_t limit) { return random_() % limit; }
    struct Range {
        std::uint64_t first, count;
    };
    Range some_pages() {
        const std::uint64_t first = below(pages);
        return {first, 1 + below(static_cast<std::uint32_t>(pages - first))};
    }

    template <class Wanted> void end_model(Wanted&& wanted) {
        std::vector<ModelMap> ending;
        const auto take = [&](auto&& chosen) {
            for (std::size_t i = 0; i < maps_.size();)
                if (chosen(maps_[i])) {
                    ending.push_back(maps_[i]);
                    maps_.erase(maps_.begin() + static_cast<std::ptrdiff_t>(i));
                } else {
                    ++i;
                }
        };
        take(wanted);
        for (std::size_t i = 0; i < ending.size(); ++i) { // memory that was had by one of them and lent further
            const ModelMap map = ending[i];
            take([&](const ModelMap& other) { return other.lends(map.grantee, map.to, map.to + map.count); });
        }
        for (const ModelMap& map : ending)
            for (std::uint64_t i = 0; i < map.count; ++i) {
                Cell& cell = cells_[map.grantee][map.to + i];
                cell = std::make_shared<int>(*cell);
            }
    }
    void end_in_model(std::uint32_t process, Range range) {
        end_model([&](const ModelMap& map) { return map.touches(process, range.first, range.first + range.count); });
    }

    void map_one() {
        const std::uint32_t owner = below(processes), grantee = below(processes);
        const Range source = some_pages();
        const std::uint64_t to = below(static_cast<std::uint32_t>(pages - source.count + 1));
        std::vector<Endpoint> middle;
        for (std::uint32_t i = below(4); i > 0; --i) middle.push_back(ids_[below(processes)]);
        const GrantHop hop = make_grant(ids_[owner], page(source.first), source.count * page_bytes, middle);
        const auto mapped = safemap(ids_[grantee], hop, source.count, read_write, page(to));
        if (owner == grantee) {
            REQUIRE(mapped.status() == Status::access_denied);
            return;
        }
        REQUIRE(mapped.has_value());
        end_in_model(grantee, {to, source.count});
        ModelMap map{grantee, owner, to, source.first, source.count, {}};
        for (const Endpoint process : middle) map.hops.push_back({process, hop.grant});
        map.hops.push_back({ids_[owner], hop.grant});
        for (std::uint64_t i = 0; i < source.count; ++i) cells_[grantee][to + i] = cells_[owner][source.first + i];
        maps_.push_back(map);
    }
    void revoke_one() {
        if (maps_.empty()) return;
        const ModelMap& map = maps_[below(static_cast<std::uint32_t>(maps_.size()))];
        const GrantHop hop = map.hops[below(static_cast<std::uint32_t>(map.hops.size()))];
        REQUIRE(revoke(hop).has_value());
        end_model([&](const ModelMap& other) { return std::ranges::find(other.hops, hop) != other.hops.end(); });
    }
    void unmap_map() {
        if (maps_.empty()) return;
        const ModelMap map = maps_[below(static_cast<std::uint32_t>(maps_.size()))];
        REQUIRE(call<Safeunmap>({page(map.to)}, ids_[map.grantee]).has_value());
        end_model([&](const ModelMap& other) { return other.grantee == map.grantee && other.to == map.to; });
    }
    void unmap_range() {
        const std::uint32_t process = below(processes);
        const Range range = some_pages();
        REQUIRE(call<Map>({.address = page(range.first),
                           .bytes = range.count * page_bytes,
                           .protection = read_write,
                           .placement = MapPlacement::exactly},
                          ids_[process])
                    .has_value());
        end_in_model(process, range);
        for (std::uint64_t i = 0; i < range.count; ++i) cells_[process][range.first + i] = std::make_shared<int>(0);
    }
    void revoke_range() {
        const std::uint32_t process = below(processes);
        const Range range = some_pages();
        REQUIRE(call<SaferevokeRange>({page(range.first), range.count * page_bytes}, ids_[process]).has_value());
        end_model([&](const ModelMap& map) { return map.lends(process, range.first, range.first + range.count); });
    }
    void end_process(std::uint32_t process) {
        end(ids_[process]);
        end_model([&](const ModelMap& map) {
            return map.grantee == process || map.owner == process ||
                   std::ranges::any_of(map.hops, [&](const GrantHop& hop) { return hop.grantor == ids_[process]; });
        });
        ids_[process] = {ids_[process].slot(), ids_[process].generation() + 1};
    }
    void die(std::uint32_t process) {
        end_process(process);
        start(ids_[process]);
        for (Cell& cell : cells_[process]) cell = std::make_shared<int>(0);
    }
    void replace_by_fork() {
        const std::uint32_t parent = below(processes), process = below(processes);
        if (parent == process) return;
        end_process(process);
        fork(ids_[parent], ids_[process]);
        for (std::uint64_t i = 0; i < pages; ++i) cells_[process][i] = std::make_shared<int>(*cells_[parent][i]);
    }
    void copy_some() {
        const std::uint32_t owner = below(processes), caller = below(processes);
        if (owner == caller) return;
        const Range range = some_pages();
        const std::uint64_t to = below(static_cast<std::uint32_t>(pages - range.count + 1));
        const GrantHop hop = make_grant(ids_[owner], page(range.first), range.count * page_bytes);
        const bool from_grant = below(2) == 0;
        REQUIRE(safecopy(ids_[caller], hop, page(to), range.count * page_bytes,
                         from_grant ? CopyDirection::from_grant : CopyDirection::to_grant) == Status::ok);
        for (std::uint64_t i = 0; i < range.count; ++i) {
            Cell& mine = cells_[caller][to + i];
            Cell& theirs = cells_[owner][range.first + i];
            (from_grant ? *mine : *theirs) = from_grant ? *theirs : *mine;
        }
    }
    void write_one() {
        const std::uint32_t process = below(processes);
        const std::uint64_t which = below(pages);
        *cells_[process][which] = static_cast<int>(below(200));
        put(ids_[process], page(which), *cells_[process][which]);
    }
    void read_one() {
        const std::uint32_t process = below(processes);
        const std::uint64_t which = below(pages);
        if (get(ids_[process], page(which)) != *cells_[process][which]) compare_all();
    }

    std::mt19937 random_;
    std::array<Endpoint, processes> ids_;
    std::array<std::array<Cell, pages>, processes> cells_;
    std::vector<ModelMap> maps_;
};

void run(int steps) {
    Comparison comparison(tests::seed_or(5));
    for (int i = 0; i < steps; ++i) {
        comparison.step();
        if (i % 64 == 0) comparison.compare_all();
    }
    comparison.compare_all();
}

} // namespace

TEST_CASE("random grants agree with a model of cells") { run(10'000); }

TEST_CASE("random grants agree with a model of cells: a hundred thousand operations", "[.][long]") { run(100'000); }
