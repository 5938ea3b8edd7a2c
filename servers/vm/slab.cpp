// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/slab.h"
#include "servers/vm/fatal.h"
#include "servers/vm/findings.h"
#include "servers/vm/text_line.h"
#include <algorithm>
#include <bit>

namespace tessera::vm {

void SlabPages::close_all() {
    for (SlabCore* slab = first_slab_; slab != nullptr; slab = slab->next_slab_) slab->close_kept();
}

SlabCore::SlabCore(SlabPages& pages, std::string_view name, std::size_t object_bytes, std::size_t alignment)
    : source_(pages),
      guard_(pages.guard()),
      name_(name),
      object_bytes_((object_bytes + alignment - 1) / alignment * alignment),
      first_((sizeof(Header) + alignment - 1) / alignment * alignment),
      capacity_(std::min((page_bytes - first_) / object_bytes_, map_words * bits_per_word)),
      next_slab_(std::exchange(pages.first_slab_, this)) {}

SlabCore::~SlabCore() {
    SlabCore** place = &source_.first_slab_;
    while (*place != this) place = &(*place)->next_slab_;
    *place = next_slab_;
}

void* SlabCore::allocate() {
    if (source_.fails()) return nullptr;
    Header* header = with_room_ != nullptr ? with_room_ : add_page();
    if (header == nullptr) return nullptr;
    std::size_t word = 0;
    while (header->map[word] == ~std::uint64_t{0}) ++word;
    const auto bit = static_cast<std::size_t>(std::countr_one(header->map[word]));
    std::byte* object = object_at(*header, word * bits_per_word + bit);
    if (guarded() && !is_poisoned(bytes_of(object)))
        fail("was written to after its release", object, {}, place_of_release(bytes_of(object)));
    change(*header, [&](Header& changed) {
        changed.map[word] |= std::uint64_t{1} << bit;
        ++changed.used;
    });
    ++objects_;
    if (header->used == capacity_) {
        remove(with_room_, *header);
        push(full_, *header);
    }
    return object;
}

void SlabCore::expect_in_use(const void* object, Place place) const {
    const Header& header = header_of(object);
    const std::size_t index = index_of(object);
    if (header.owner != this || index >= capacity_ || object_at(header, index) != object)
        fail("is released, but is not an object of it", object, place, {});
    if (in_use(header, index)) return;
    fail("is released twice", object, place, guarded() ? place_of_release(bytes_of(object)) : Place{});
}

void SlabCore::release(void* object, Place place) {
    Header& header = header_of(object);
    const std::size_t index = index_of(object);
    if (header.used == capacity_) {
        remove(full_, header);
        push(with_room_, header);
    }
    change(header, [&](Header& changed) {
        changed.map[index / bits_per_word] &= ~(std::uint64_t{1} << index % bits_per_word);
        --changed.used;
        if (guarded()) poison({static_cast<std::byte*>(object), object_bytes_}, place);
    });
    --objects_;
    if (header.used == 0) free_page(header);
}

void SlabCore::keep_open(const void* object) {
    Header& header = header_of(object);
    if (header.kept) return;
    open(header);
    header.kept = true;
    header.next_kept = std::exchange(kept_, &header);
}

void SlabCore::close_kept() {
    while (kept_ != nullptr) {
        Header& header = *kept_;
        kept_ = header.next_kept;
        header.kept = false;
        close(header);
    }
}

void SlabCore::check(Findings& findings) const {
    std::size_t pages = 0;
    std::size_t objects = 0;
    for_each_page([&](const std::byte* page) {
        const auto& header = *reinterpret_cast<const Header*>(page);
        check_page(header, findings);
        ++pages;
        objects += header.used;
    });
    if (pages != pages_)
        findings.add({.kind = ProblemKind::wrong_count, .name = name_, .expected = pages_, .found = pages});
    if (objects != objects_)
        findings.add({.kind = ProblemKind::wrong_count, .name = name_, .expected = objects_, .found = objects});
}

void SlabCore::check_page(const Header& header, Findings& findings) const {
    const auto address_of = [](const void* place) { return reinterpret_cast<std::uint64_t>(place); };
    std::size_t used = 0;
    for (std::size_t i = 0; i < capacity_; ++i) {
        const std::span bytes = bytes_of(object_at(header, i));
        if (in_use(header, i))
            ++used;
        else if (guarded() && !is_poisoned(bytes))
            findings.add({.kind = ProblemKind::damaged_slab,
                          .address = address_of(bytes.data()),
                          .name = name_,
                          .first_place = place_of_release(bytes)});
    }
    if (header.owner != this || used != header.used)
        findings.add({.kind = ProblemKind::damaged_slab,
                      .address = address_of(&header),
                      .name = name_,
                      .expected = header.used,
                      .found = used});
}

void SlabCore::fail(std::string_view what, const void* object, Place place, Place freed) const {
    TextLine line;
    line << "slab " << name_ << ": object at " << Hexadecimal{reinterpret_cast<std::uint64_t>(object)} << ' ' << what;
    if (place.line() != 0) line << ", at " << place;
    if (freed.line() != 0) line << "; first released at " << freed;
    fatal(line.view());
}

SlabCore::Header* SlabCore::add_page() {
    std::byte* page = source_.take_page();
    if (page == nullptr) return nullptr;
    if (guarded() && !guard_->admit(page, name_).has_value()) {
        source_.return_page(page);
        return nullptr;
    }
    auto* header = ::new (page) Header{.owner = this, .opened = 1};
    ++pages_;
    if (guarded()) {
        for (std::size_t i = 0; i < capacity_; ++i) poison({object_at(*header, i), object_bytes_}, {});
        close(*header);
    }
    push(with_room_, *header);
    return header;
}

void SlabCore::free_page(Header& header) {
    if (guarded()) {
        open(header); // for good
        if (header.kept) forget_kept(header);
    }
    remove(with_room_, header);
    header.owner = nullptr;
    --pages_;
    source_.return_page(reinterpret_cast<std::byte*>(&header));
}

void SlabCore::forget_kept(Header& header) {
    Header** place = &kept_;
    while (*place != &header) place = &(*place)->next_kept; // pages that are kept open are writable
    *place = header.next_kept;
}

void SlabCore::open(Header& header) {
    if (header.opened == 0) guard_->unlock(reinterpret_cast<std::byte*>(&header));
    ++header.opened;
}

void SlabCore::close(Header& header) {
    if (--header.opened == 0) guard_->lock(reinterpret_cast<std::byte*>(&header));
}

void SlabCore::push(Header*& list, Header& header) {
    change(header, [&](Header& changed) {
        changed.previous = nullptr;
        changed.next = list;
    });
    if (list != nullptr) change(*list, [&](Header& changed) { changed.previous = &header; });
    list = &header;
}

void SlabCore::remove(Header*& list, Header& header) {
    if (header.previous != nullptr)
        change(*header.previous, [&](Header& changed) { changed.next = header.next; });
    else
        list = header.next;
    if (header.next != nullptr) change(*header.next, [&](Header& changed) { changed.previous = header.previous; });
}

} // namespace tessera::vm
