// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Objects of one type, many to a page. Each page starts with a header that says which objects are in use, so that a
// second release of the same object is noticed. A page whose objects are all free goes back to where it came from.
//
// With a page guard the pages are read-only but while somebody says which object he changes: `use` for one change,
// `keep_open` up to the end of the request. Free objects are poisoned then (slab_poison.h).

#include "kernel/abi/strong.h"
#include "servers/vm/page_guard.h"
#include "servers/vm/slab_poison.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <source_location>
#include <span>
#include <string_view>
#include <utility>

namespace tessera::vm {

class Findings;
class SlabCore;

// Where slabs get their pages, and the list of all slabs that do.
class SlabPages {
public:
    virtual std::byte* take_page() = 0; // nullptr: no memory
    virtual void return_page(std::byte* page) = 0;
    virtual bool fails() { return false; }         // whether the next object is not to be had, see AllocationFailures
    virtual PageGuard* guard() { return nullptr; } // of the pages taken, the same one for good; nullptr: none

    const SlabCore* first_slab() const { return first_slab_; }
    // Locks what was kept open.
    void close_all();

protected:
    ~SlabPages() = default;

private:
    friend class SlabCore;
    SlabCore* first_slab_ = nullptr;
};

// The part that is the same for every type.
class SlabCore {
public:
    using Place = std::source_location;

    SlabCore(SlabPages& pages, std::string_view name, std::size_t object_bytes, std::size_t alignment);
    ~SlabCore();
    SlabCore(const SlabCore&) = delete;
    SlabCore& operator=(const SlabCore&) = delete;

    void* allocate(); // nullptr: no memory
    // fatal unless it is an object of this slab that is in use.
    void expect_in_use(const void* object, Place place) const;
    void release(void* object, Place place);

    bool guarded() const { return guard_ != nullptr; }
    // With a guard: makes the page of an object writable. As many `close` follow.
    void open(const void* object) { open(header_of(object)); }
    void close(const void* object) { close(header_of(object)); }
    // The same up to the next `close_kept`.
    void keep_open(const void* object);
    // The slab that has an object.
    static SlabCore& slab_of(const void* object) { return *header_of(object).owner; }
    void close_kept();

    std::string_view name() const { return name_; }
    std::size_t object_bytes() const { return object_bytes_; }
    std::size_t objects() const { return objects_; } // in use
    std::size_t pages() const { return pages_; }
    std::size_t objects_per_page() const { return capacity_; }

    const SlabCore* next_slab() const { return next_slab_; }
    // Calls `visitor(const std::byte* page)` for each page.
    template <class Visitor> void for_each_page(Visitor&& visitor) const {
        for (const Header* list : {with_room_, full_})
            for (const Header* page = list; page != nullptr; page = page->next)
                visitor(reinterpret_cast<const std::byte*>(page));
    }
    // Compares headers with counts, and free objects with the poison.
    void check(Findings& findings) const;

private:
    static constexpr std::size_t map_words = 8;
    static constexpr std::size_t bits_per_word = 64;

    struct Header {
        SlabCore* owner = nullptr;
        Header* previous = nullptr; // among the pages with room, or among the full ones
        Header* next = nullptr;
        Header* next_kept = nullptr; // among those that are kept open
        std::uint32_t used = 0;
        std::uint32_t opened = 0; // how often; with a guard the page is writable while it is not 0
        bool kept = false;
        std::array<std::uint64_t, map_words> map{}; // bit per object: in use
    };

    static Header& header_of(const void* object) {
        return *reinterpret_cast<Header*>(reinterpret_cast<std::uintptr_t>(object) & ~(page_bytes - 1));
    }
    static bool in_use(const Header& header, std::size_t index) {
        return (header.map[index / bits_per_word] >> index % bits_per_word & 1) != 0;
    }
    std::byte* object_at(const Header& header, std::size_t index) const {
        return reinterpret_cast<std::byte*>(const_cast<Header*>(&header)) + first_ + index * object_bytes_;
    }
    std::size_t index_of(const void* object) const {
        return ((reinterpret_cast<std::uintptr_t>(object) & (page_bytes - 1)) - first_) / object_bytes_;
    }
    std::span<const std::byte> bytes_of(const void* object) const {
        return {static_cast<const std::byte*>(object), object_bytes_};
    }

    // A change of a page's own: its header, or objects in it.
    template <class Change> void change(Header& header, Change&& what) {
        if (guarded()) [[unlikely]]
            open(header);
        what(header);
        if (guarded()) [[unlikely]]
            close(header);
    }
    void open(Header& header);
    void close(Header& header);

    Header* add_page();
    void free_page(Header& header);
    void push(Header*& list, Header& header);
    void remove(Header*& list, Header& header);
    void forget_kept(Header& header);
    void check_page(const Header& header, Findings& findings) const;
    [[noreturn]] void fail(std::string_view what, const void* object, Place place, Place freed) const;

    SlabPages& source_;
    PageGuard* guard_;
    std::string_view name_;
    std::size_t object_bytes_;
    std::size_t first_; // offset of the first object in a page
    std::size_t capacity_;
    std::size_t objects_ = 0;
    std::size_t pages_ = 0;
    Header* with_room_ = nullptr;
    Header* full_ = nullptr;
    Header* kept_ = nullptr;
    friend class SlabPages;
    SlabCore* next_slab_;
};

template <class T> class Slab {
public:
    using Place = SlabCore::Place;

    // Changes objects of a slab, for structures that link them (AvlTree).
    struct Editor {
        Slab& slab;
        template <class Change> void operator()(T& object, Change&& change) const {
            slab.use(object, std::forward<Change>(change));
        }
    };

    Slab(SlabPages& pages, std::string_view name) : core_(pages, name, sizeof(T), alignof(T)) {}

    // nullptr: no memory.
    template <class... Arguments> T* create(Arguments&&... arguments) {
        void* place = core_.allocate();
        if (place == nullptr) return nullptr;
        const Opened opened(core_, place);
        return ::new (place) T{std::forward<Arguments>(arguments)...};
    }

    void destroy(T& object, Place place = Place::current()) {
        core_.expect_in_use(&object, place);
        use(object, [](T& used) { std::destroy_at(&used); });
        core_.release(&object, place);
    }

    // The one way to change an object: `change(T&)`.
    template <class Change> void use(T& object, Change&& change) {
        const Opened opened(core_, &object);
        change(object);
    }

    // For an object with too many changes to name each: up to the end of the request.
    void keep_open(const T& object) {
        if (core_.guarded()) [[unlikely]]
            core_.keep_open(&object);
    }

    // The same for an object of another slab, or a part of one.
    void keep_other_open(const void* part) {
        if (core_.guarded()) [[unlikely]]
            SlabCore::slab_of(part).keep_open(part);
    }

    const SlabCore& core() const { return core_; }
    std::size_t objects() const { return core_.objects(); }
    std::size_t pages() const { return core_.pages(); }
    std::size_t objects_per_page() const { return core_.objects_per_page(); }

private:
    static_assert(sizeof(T) >= smallest_object && sizeof(T) <= page_bytes / 2);

    struct Opened {
        Opened(SlabCore& core, const void* object) : core_(core), object_(object) {
            if (core_.guarded()) [[unlikely]]
                core_.open(object_);
        }
        ~Opened() {
            if (core_.guarded()) [[unlikely]]
                core_.close(object_);
        }
        Opened(const Opened&) = delete;
        Opened& operator=(const Opened&) = delete;

    private:
        SlabCore& core_;
        const void* object_;
    };

    SlabCore core_;
};

} // namespace tessera::vm
