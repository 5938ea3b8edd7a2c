// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/slab.h"
#include "tests/unit/vm/fatal_error.h"
#include "tests/unit/vm/random_run.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <vector>

using namespace tessera;
using vm::Slab;

namespace {

// A bounded source of pages that knows which are out.
class CountingPages final : public vm::SlabPages {
public:
    explicit CountingPages(std::size_t limit) : limit_(limit) {}
    ~CountingPages() {
        for (auto* page : out_) std::free(page);
    }

    std::byte* take_page() override {
        if (out_.size() == limit_) return nullptr;
        auto* page = static_cast<std::byte*>(std::aligned_alloc(page_bytes, page_bytes));
        std::memset(page, 0xa5, page_bytes);
        out_.insert(page);
        return page;
    }
    void return_page(std::byte* page) override {
        REQUIRE(out_.erase(page) == 1);
        std::free(page);
    }
    std::size_t out() const { return out_.size(); }

private:
    std::size_t limit_;
    std::set<std::byte*> out_;
};

struct Object {
    std::uint64_t number = 0;
    std::uint64_t inverse = 0;
    std::uint64_t more[3]{};
};

struct alignas(64) Aligned {
    std::uint8_t bytes[100]{};
};

} // namespace

TEST_CASE("objects are distinct, aligned and in one page") {
    CountingPages pages(4);
    Slab<Aligned> slab(pages, "objects");
    std::set<Aligned*> objects;
    for (std::size_t i = 0; i < slab.objects_per_page(); ++i) {
        auto* object = slab.create();
        REQUIRE(object != nullptr);
        CHECK(reinterpret_cast<std::uintptr_t>(object) % 64 == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(object) % page_bytes + sizeof(Aligned) <= page_bytes);
        objects.insert(object);
    }
    CHECK(objects.size() == slab.objects_per_page());
    CHECK(pages.out() == 1);
    CHECK(slab.create() != nullptr);
    CHECK(pages.out() == 2);
}

TEST_CASE("without memory there is no object, and room comes back with a release") {
    CountingPages pages(1);
    Slab<Object> slab(pages, "objects");
    std::vector<Object*> objects;
    while (auto* object = slab.create()) objects.push_back(object);
    CHECK(objects.size() == slab.objects_per_page());
    slab.destroy(*objects[7]);
    CHECK(slab.create() == objects[7]);
    CHECK(slab.create() == nullptr);
}

TEST_CASE("the page of the last object goes back") {
    CountingPages pages(2);
    Slab<Object> slab(pages, "objects");
    auto* first = slab.create();
    auto* second = slab.create();
    slab.destroy(*first);
    CHECK(pages.out() == 1);
    slab.destroy(*second);
    CHECK(pages.out() == 0);
    CHECK(slab.pages() == 0);
}

TEST_CASE("wrong releases are noticed") {
    CountingPages pages(4);
    Slab<Object> slab(pages, "objects");
    Slab<Object> other(pages, "others");
    auto* object = slab.create();
    auto* neighbour = slab.create();
    CHECK_THROWS_AS(other.destroy(*object), tests::FatalError);
    CHECK_THROWS_AS(slab.destroy(*reinterpret_cast<Object*>(&object->more)), tests::FatalError);
    slab.destroy(*object);
    CHECK_THROWS_AS(slab.destroy(*object), tests::FatalError);
    slab.destroy(*neighbour);
}

namespace {

void compare_contents(int operations) {
    CountingPages pages(40);
    Slab<Object> slab(pages, "objects");
    std::mt19937 random(tests::seed_or(1));
    std::vector<Object*> objects;
    bool intact = true;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(operations); ++i) {
        // Phases of growing and of shrinking.
        if (random() % 100 < (i / 5000 % 2 == 0 ? 60u : 40u) || objects.empty()) {
            if (auto* object = slab.create(Object{.number = i, .inverse = ~i})) objects.push_back(object);
        } else {
            auto& chosen = objects[random() % objects.size()];
            intact = intact && chosen->inverse == ~chosen->number;
            slab.destroy(*chosen);
            chosen = objects.back();
            objects.pop_back();
        }
        intact = intact && slab.objects() == objects.size() && slab.pages() == pages.out();
    }
    CHECK(intact);
    CHECK(std::set<Object*>(objects.begin(), objects.end()).size() == objects.size());
    for (auto* object : objects) slab.destroy(*object);
    CHECK(pages.out() == 0);
}

} // namespace

TEST_CASE("random use keeps every object's contents") { compare_contents(tests::short_run); }

TEST_CASE("random use keeps every object's contents: a million operations", "[.][long]") {
    compare_contents(tests::long_run);
}
