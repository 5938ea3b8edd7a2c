// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/slab.h"
#include "servers/vm/fatal.h"
#include <algorithm>
#include <bit>

namespace tessera::vm {

SlabCore::SlabCore(SlabPages& pages, std::size_t object_bytes, std::size_t alignment)
    : source_(pages),
      object_bytes_((object_bytes + alignment - 1) / alignment * alignment),
      first_((sizeof(Header) + alignment - 1) / alignment * alignment),
      capacity_(std::min((page_bytes - first_) / object_bytes_, map_words * bits_per_word)) {}

void* SlabCore::allocate() {
    Header* header = with_room_ != nullptr ? with_room_ : add_page();
    if (header == nullptr) return nullptr;
    std::size_t word = 0;
    while (header->map[word] == ~std::uint64_t{0}) ++word;
    const auto bit = static_cast<std::size_t>(std::countr_one(header->map[word]));
    header->map[word] |= std::uint64_t{1} << bit;
    ++objects_;
    if (++header->used == capacity_) unlink(*header);
    return objects_of(*header) + (word * bits_per_word + bit) * object_bytes_;
}

void SlabCore::release(void* object) {
    const auto address = reinterpret_cast<std::uintptr_t>(object);
    auto& header = *reinterpret_cast<Header*>(address & ~(page_bytes - 1));
    const std::size_t offset = (address & (page_bytes - 1)) - first_;
    const std::size_t index = offset / object_bytes_;
    if (header.owner != this || index >= capacity_ || offset % object_bytes_ != 0)
        fatal("slab: released what is not an object of it");
    const std::uint64_t bit = std::uint64_t{1} << index % bits_per_word;
    if ((header.map[index / bits_per_word] & bit) == 0) fatal("slab: object released twice");

    header.map[index / bits_per_word] &= ~bit;
    --objects_;
    if (header.used-- == capacity_) link(header);
    if (header.used > 0) return;
    unlink(header);
    header.owner = nullptr;
    --pages_;
    source_.return_page(reinterpret_cast<std::byte*>(&header));
}

SlabCore::Header* SlabCore::add_page() {
    std::byte* page = source_.take_page();
    if (page == nullptr) return nullptr;
    auto* header = ::new (page) Header{.owner = this, .previous = nullptr, .next = nullptr, .used = 0, .map = {}};
    ++pages_;
    link(*header);
    return header;
}

void SlabCore::link(Header& header) {
    header.previous = nullptr;
    header.next = with_room_;
    if (with_room_ != nullptr) with_room_->previous = &header;
    with_room_ = &header;
}

void SlabCore::unlink(Header& header) {
    if (header.previous != nullptr)
        header.previous->next = header.next;
    else
        with_room_ = header.next;
    if (header.next != nullptr) header.next->previous = header.previous;
    header.previous = nullptr;
    header.next = nullptr;
}

} // namespace tessera::vm
