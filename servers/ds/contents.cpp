// SPDX-License-Identifier: BSD-3-Clause
#include "servers/ds/contents.h"
#include "servers/ds/crc32.h"
#include <utility>

namespace tessera::ds {

Contents::New::New(New&& other) noexcept : contents_(std::exchange(other.contents_, nullptr)), range_(other.range_) {}

Contents::New::~New() {
    if (contents_ != nullptr) contents_->release(range_);
}

std::span<std::byte> Contents::New::memory() const {
    return contents_->memory_.open(contents_->offset_ + range_.first_page * page_bytes, range_.bytes);
}

StoredRange Contents::New::range() const {
    StoredRange range = range_;
    range.checksum = Crc32{}.add((*contents_)[range]).value();
    return range;
}

Result<Contents::New> Contents::make(std::uint32_t bytes) {
    StoredRange range{.first_page = 0, .bytes = bytes};
    while (range.first_page + range.pages() <= page_count) {
        if (is_free(range.first_page, range.pages())) {
            mark(range);
            return New(*this, range);
        }
        ++range.first_page;
    }
    return Status::no_space;
}

void Contents::release(const StoredRange& range) {
    for (std::size_t i = 0; i < range.pages(); ++i) used_.reset(range.first_page + i);
}

bool Contents::claim(const StoredRange& range) {
    if (range.pages() > page_count || range.first_page > page_count - range.pages()) return false;
    if (!is_free(range.first_page, range.pages())) return false;
    if (Crc32{}.add((*this)[range]).value() != range.checksum) return false;
    mark(range);
    return true;
}

std::span<const std::byte> Contents::operator[](const StoredRange& range) const {
    return memory_.bytes().subspan(offset_ + range.first_page * page_bytes, range.bytes);
}

bool Contents::is_free(std::size_t first, std::size_t pages) const {
    for (std::size_t i = 0; i < pages; ++i)
        if (used_.test(first + i)) return false;
    return true;
}

void Contents::mark(const StoredRange& range) {
    for (std::size_t i = 0; i < range.pages(); ++i) used_.set(range.first_page + i);
}

} // namespace tessera::ds
