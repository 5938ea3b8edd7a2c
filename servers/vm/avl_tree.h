// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// An intrusive AVL tree: insertion, removal and search in O(log n) without memory of its own.
//
// A node has a member `AvlHook<Node> hook` and a function `key() const`; keys in one tree differ. The key of a node in
// the tree may change as long as it stays between its neighbours'. The tree changes nodes through its `Editor` alone,
// so that they may lie in memory that is read-only otherwise. Knuth, The Art of Computer Programming, vol. 3, 6.2.3.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tessera::vm {

template <class Node> struct AvlHook {
    Node* parent = nullptr;
    Node* left = nullptr;
    Node* right = nullptr;
    std::uint8_t height = 0; // of the subtree; 0: in no tree
};

// For nodes in ordinary memory.
struct PlainEditor {
    template <class Node, class Change> void operator()(Node& node, Change&& change) const { change(node); }
};

template <class Node, class Editor = PlainEditor> class AvlTree {
public:
    AvlTree() = default;
    explicit AvlTree(Editor editor) : edit_(editor) {}
    AvlTree(const AvlTree&) = delete;
    AvlTree& operator=(const AvlTree&) = delete;

    std::size_t size() const { return size_; }
    bool empty() const { return root_ == nullptr; }
    const Node* root() const { return root_; }

    void insert(Node& node);
    void erase(Node& node);

    // Empties the tree and calls `visitor(Node&)` for each node, which may end it. Nothing is kept in balance on the
    // way.
    template <class Visitor> void clear(Visitor&& visitor) {
        Node* node = root_;
        root_ = nullptr;
        size_ = 0;
        while (node != nullptr) {
            if (node->hook.left != nullptr || node->hook.right != nullptr) {
                node = node->hook.left != nullptr ? node->hook.left : node->hook.right;
                continue;
            }
            Node* parent = node->hook.parent;
            if (parent != nullptr) parent->hook.left == node ? set_left(*parent, nullptr) : set_right(*parent, nullptr);
            visitor(*node);
            node = parent;
        }
    }

    // `fresh` takes the place of `old`; its key is between the same neighbours.
    void exchange(Node& old, Node& fresh) {
        set_hook(fresh, old.hook);
        replace(old, &fresh);
        adopt_children(fresh);
        set_hook(old, {});
    }

    // The searches below give nullptr when there is none.
    template <class Key> Node* find(const Key& key) const {
        Node* node = at_or_below(key);
        return node != nullptr && node->key() == key ? node : nullptr;
    }

    // The node with the highest key that is not above `key`.
    template <class Key> Node* at_or_below(const Key& key) const {
        Node* best = nullptr;
        for (Node* node = root_; node != nullptr;) {
            const bool above = key < node->key();
            if (!above) best = node;
            node = above ? node->hook.left : node->hook.right;
        }
        return best;
    }

    // The node with the lowest key that is not below `key`.
    template <class Key> Node* at_or_above(const Key& key) const {
        Node* best = nullptr;
        for (Node* node = root_; node != nullptr;) {
            const bool below = node->key() < key;
            if (!below) best = node;
            node = below ? node->hook.right : node->hook.left;
        }
        return best;
    }

    Node* first() const { return root_ == nullptr ? nullptr : lowest(root_); }
    Node* last() const { return root_ == nullptr ? nullptr : highest(root_); }

    static Node* next(const Node& node) {
        if (node.hook.right != nullptr) return lowest(node.hook.right);
        const Node* child = &node;
        Node* parent = node.hook.parent;
        while (parent != nullptr && parent->hook.right == child) {
            child = parent;
            parent = parent->hook.parent;
        }
        return parent;
    }

    static Node* previous(const Node& node) {
        if (node.hook.left != nullptr) return highest(node.hook.left);
        const Node* child = &node;
        Node* parent = node.hook.parent;
        while (parent != nullptr && parent->hook.left == child) {
            child = parent;
            parent = parent->hook.parent;
        }
        return parent;
    }

private:
    static Node* lowest(Node* node) {
        while (node->hook.left != nullptr) node = node->hook.left;
        return node;
    }
    static Node* highest(Node* node) {
        while (node->hook.right != nullptr) node = node->hook.right;
        return node;
    }
    static int height(const Node* node) { return node == nullptr ? 0 : node->hook.height; }
    static int lean(const Node& node) { return height(node.hook.left) - height(node.hook.right); }

    // All changes of nodes.
    void set_hook(Node& node, const AvlHook<Node>& hook) {
        edit_(node, [&](Node& edited) { edited.hook = hook; });
    }
    void set_left(Node& node, Node* child) {
        edit_(node, [&](Node& edited) { edited.hook.left = child; });
    }
    void set_right(Node& node, Node* child) {
        edit_(node, [&](Node& edited) { edited.hook.right = child; });
    }
    void set_parent(Node* node, Node* parent) {
        if (node != nullptr) edit_(*node, [&](Node& edited) { edited.hook.parent = parent; });
    }
    void measure(Node& node) {
        const int measured = 1 + std::max(height(node.hook.left), height(node.hook.right));
        if (measured != height(&node))
            edit_(node, [&](Node& edited) { edited.hook.height = static_cast<std::uint8_t>(measured); });
    }
    void adopt_children(Node& node) {
        set_parent(node.hook.left, &node);
        set_parent(node.hook.right, &node);
    }

    // Puts `replacement` (or nothing) where `node` hangs.
    void replace(Node& node, Node* replacement) {
        Node* parent = node.hook.parent;
        if (parent == nullptr)
            root_ = replacement;
        else if (parent->hook.left == &node)
            set_left(*parent, replacement);
        else
            set_right(*parent, replacement);
        set_parent(replacement, parent);
    }

    Node& rotate_left(Node& node) {
        Node& pivot = *node.hook.right;
        replace(node, &pivot);
        set_right(node, pivot.hook.left);
        set_parent(node.hook.right, &node);
        set_left(pivot, &node);
        set_parent(&node, &pivot);
        measure(node);
        measure(pivot);
        return pivot;
    }

    Node& rotate_right(Node& node) {
        Node& pivot = *node.hook.left;
        replace(node, &pivot);
        set_left(node, pivot.hook.right);
        set_parent(node.hook.left, &node);
        set_right(pivot, &node);
        set_parent(&node, &pivot);
        measure(node);
        measure(pivot);
        return pivot;
    }

    // Makes the heights right from `node` up; stops where nothing changes any more.
    void rebalance(Node* node) {
        while (node != nullptr) {
            const int before = node->hook.height;
            measure(*node);
            if (lean(*node) > 1) {
                if (lean(*node->hook.left) < 0) rotate_left(*node->hook.left);
                node = &rotate_right(*node);
            } else if (lean(*node) < -1) {
                if (lean(*node->hook.right) > 0) rotate_right(*node->hook.right);
                node = &rotate_left(*node);
            }
            if (node->hook.height == before) return;
            node = node->hook.parent;
        }
    }

    [[no_unique_address]] Editor edit_;
    Node* root_ = nullptr;
    std::size_t size_ = 0;
};

template <class Node, class Editor> void AvlTree<Node, Editor>::insert(Node& node) {
    Node* parent = nullptr;
    bool below = false;
    for (Node* place = root_; place != nullptr; place = below ? place->hook.left : place->hook.right) {
        parent = place;
        below = node.key() < place->key();
    }
    set_hook(node, {.parent = parent, .left = nullptr, .right = nullptr, .height = 1});
    if (parent == nullptr)
        root_ = &node;
    else if (below)
        set_left(*parent, &node);
    else
        set_right(*parent, &node);
    ++size_;
    rebalance(parent);
}

template <class Node, class Editor> void AvlTree<Node, Editor>::erase(Node& node) {
    Node* changed = node.hook.parent; // the lowest node whose subtree becomes another
    if (node.hook.left == nullptr || node.hook.right == nullptr) {
        replace(node, node.hook.left != nullptr ? node.hook.left : node.hook.right);
    } else {
        Node& heir = *lowest(node.hook.right);
        changed = heir.hook.parent == &node ? &heir : heir.hook.parent;
        replace(heir, heir.hook.right);
        replace(node, &heir);
        AvlHook<Node> hook = node.hook;
        hook.parent = heir.hook.parent;
        set_hook(heir, hook);
        adopt_children(heir);
    }
    set_hook(node, {});
    --size_;
    rebalance(changed);
}

} // namespace tessera::vm
