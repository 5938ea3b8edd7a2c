// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/avl_tree.h"
#include "tests/unit/vm/random_run.h"
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>

namespace tests = tessera::tests;
using tessera::vm::AvlHook;
using tessera::vm::AvlTree;

namespace {

struct Item {
    int value = 0;
    AvlHook<Item> hook{};
    int key() const { return value; }
};

// Height of a subtree, after a check of its order, its links and its balance.
int checked_height(const Item* item, const Item* parent) {
    if (item == nullptr) return 0;
    if (item->hook.parent != parent) FAIL("wrong parent");
    if (item->hook.left != nullptr && item->hook.left->value >= item->value) FAIL("wrong order");
    if (item->hook.right != nullptr && item->hook.right->value <= item->value) FAIL("wrong order");
    const int left = checked_height(item->hook.left, item);
    const int right = checked_height(item->hook.right, item);
    if (std::abs(left - right) > 1) FAIL("out of balance");
    if (item->hook.height != 1 + std::max(left, right)) FAIL("wrong height");
    return item->hook.height;
}

using Model = std::map<int, std::unique_ptr<Item>>;

void compare(const AvlTree<Item>& tree, const Model& model) {
    checked_height(tree.root(), nullptr);
    REQUIRE(tree.size() == model.size());
    const Item* item = tree.first();
    for (const auto& [value, owner] : model) {
        if (item != owner.get()) FAIL("wrong successor");
        item = AvlTree<Item>::next(*item);
    }
    REQUIRE(item == nullptr);
    item = tree.last();
    for (auto it = model.rbegin(); it != model.rend(); ++it) {
        if (item != it->second.get()) FAIL("wrong predecessor");
        item = AvlTree<Item>::previous(*item);
    }
    REQUIRE(item == nullptr);
}

// Every search for this value against the model; REQUIRE only on a difference, for it is asked a million times.
bool searches_agree(const AvlTree<Item>& tree, const Model& model, int value) {
    const auto node = [&](Model::const_iterator it) { return it == model.end() ? nullptr : it->second.get(); };
    const auto above = model.lower_bound(value);
    const auto over = model.upper_bound(value);
    const Item* below = over == model.begin() ? nullptr : std::prev(over)->second.get();
    return tree.find(value) == node(model.find(value)) && tree.at_or_above(value) == node(above) &&
           tree.at_or_below(value) == below;
}

} // namespace

TEST_CASE("an empty tree has nothing in it") {
    const AvlTree<Item> tree;
    CHECK(tree.empty());
    CHECK(tree.first() == nullptr);
    CHECK(tree.last() == nullptr);
    CHECK(tree.find(1) == nullptr);
    CHECK(tree.at_or_above(1) == nullptr);
    CHECK(tree.at_or_below(1) == nullptr);
}

TEST_CASE("ascending and descending insertions stay balanced") {
    for (const int direction : {1, -1}) {
        AvlTree<Item> tree;
        Model model;
        for (int i = 0; i < 1000; ++i) {
            auto& item = model[i * direction] = std::make_unique<Item>(Item{i * direction});
            tree.insert(*item);
        }
        compare(tree, model);
        CHECK(tree.root()->hook.height <= 14); // 1.44 log2(1002)
    }
}

TEST_CASE("an erased node can be inserted again") {
    AvlTree<Item> tree;
    Item item{5};
    tree.insert(item);
    tree.erase(item);
    CHECK(tree.empty());
    CHECK(item.hook.height == 0);
    tree.insert(item);
    CHECK(tree.find(5) == &item);
}

namespace {

void compare_with_map(int operations) {
    std::mt19937 random(tests::seed_or(1));
    for (const int span : {20, 300, 20000}) {
        AvlTree<Item> tree;
        Model model;
        bool agree = true;
        for (int i = 0; i < operations / 3; ++i) {
            const int value = static_cast<int>(random() % static_cast<unsigned>(span));
            const auto it = model.find(value);
            if (it == model.end()) {
                auto& item = model[value] = std::make_unique<Item>(Item{value});
                tree.insert(*item);
            } else {
                tree.erase(*it->second);
                model.erase(it);
            }
            agree = agree && searches_agree(tree, model, static_cast<int>(random() % static_cast<unsigned>(span)));
            if (i % (span * 16) == 0) compare(tree, model);
        }
        CHECK(agree);
        compare(tree, model);
    }
}

} // namespace

TEST_CASE("random operations agree with std::map") { compare_with_map(tests::short_run); }

TEST_CASE("random operations agree with std::map: a million operations", "[.][long]") {
    compare_with_map(tests::long_run);
}
