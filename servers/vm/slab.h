// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Objects of one type, many to a page. Each page starts with a header that says which objects are in use, so that a
// second release of the same object is noticed. A page whose objects are all free goes back to where it came from.

#include "kernel/abi/strong.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace tessera::vm {

// Where slabs get their pages.
class SlabPages {
public:
    virtual std::byte* take_page() = 0; // nullptr: no memory
    virtual void return_page(std::byte* page) = 0;

protected:
    ~SlabPages() = default;
};

// The part that is the same for every type.
class SlabCore {
public:
    SlabCore(SlabPages& pages, std::size_t object_bytes, std::size_t alignment);
    SlabCore(const SlabCore&) = delete;
    SlabCore& operator=(const SlabCore&) = delete;

    void* allocate(); // nullptr: no memory
    void release(void* object);

    std::size_t objects() const { return objects_; } // in use
    std::size_t pages() const { return pages_; }
    std::size_t objects_per_page() const { return capacity_; }

private:
    static constexpr std::size_t map_words = 8;
    static constexpr std::size_t bits_per_word = 64;

    struct Header {
        SlabCore* owner;
        Header* previous; // among the pages with room
        Header* next;
        std::size_t used;
        std::array<std::uint64_t, map_words> map; // bit per object: in use
    };

    Header* add_page();
    void link(Header& header);
    void unlink(Header& header);
    std::byte* objects_of(Header& header) const { return reinterpret_cast<std::byte*>(&header) + first_; }

    SlabPages& source_;
    std::size_t object_bytes_;
    std::size_t first_; // offset of the first object in a page
    std::size_t capacity_;
    std::size_t objects_ = 0;
    std::size_t pages_ = 0;
    Header* with_room_ = nullptr;
};

template <class T> class Slab {
public:
    explicit Slab(SlabPages& pages) : core_(pages, sizeof(T), alignof(T)) {}

    // nullptr: no memory.
    template <class... Arguments> T* create(Arguments&&... arguments) {
        void* place = core_.allocate();
        return place == nullptr ? nullptr : ::new (place) T{std::forward<Arguments>(arguments)...};
    }

    void destroy(T& object) {
        std::destroy_at(&object);
        core_.release(&object);
    }

    std::size_t objects() const { return core_.objects(); }
    std::size_t pages() const { return core_.pages(); }
    std::size_t objects_per_page() const { return core_.objects_per_page(); }

private:
    static_assert(sizeof(T) >= 8 && sizeof(T) <= page_bytes / 2);
    SlabCore core_;
};

} // namespace tessera::vm
