// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/shared_memory.h"

namespace tessera::vm {

PageEntry SharedTables::read(PhysicalAddress table, std::size_t index) const {
    std::uint64_t raw = 0;
    std::memcpy(&raw, frames_.view().at(table) + index * sizeof(raw), sizeof(raw));
    return PageEntry::from_raw(raw);
}

void SharedTables::write(PhysicalAddress table, std::size_t index, PageEntry entry) {
    const std::uint64_t raw = entry.raw();
    std::memcpy(frames_.view().at(table) + index * sizeof(raw), &raw, sizeof(raw));
}

SharedObject::~SharedObject() {
    if (table_.top() == PhysicalAddress{}) return; // `create` failed
    table_.remove({0}, VirtualAddress{0} + pages_ * page_bytes,
                  [&](VirtualAddress, PageEntry entry) { frames_.release(entry.address()); });
    table_.destroy();
}

Result<PhysicalAddress> SharedObject::frame_at(std::uint64_t offset) {
    const VirtualAddress place{offset};
    const PageEntry present = table_.find(place);
    if (!present.empty()) {
        frames_.retain(present.address());
        return present.address();
    }
    const PhysicalAddress frame = TESSERA_TRY(frames_.allocate_cleared(FrameUse::process));
    const Completion set = table_.set(place, PageEntry::page(frame, PageAccess::read_write, Caching::write_back));
    if (!set.has_value()) {
        frames_.release(frame);
        return set.error();
    }
    frames_.retain(frame);
    return frame;
}

Result<SharedObject*> SharedObjects::make(std::uint32_t pages, Endpoint maker, Budget& charged) {
    TESSERA_TRY(charged.take(pages));
    SharedObject* object = slab_.create(frames_, SharedIdentity{last_.value + 1}, pages, maker);
    if (object != nullptr) slab_.keep_open(*object);
    if (object == nullptr || !object->create().has_value()) {
        if (object != nullptr) slab_.destroy(*object);
        charged.give(pages);
        return Status::out_of_memory;
    }
    ++last_.value;
    object->charged_ = &charged;
    object->next_ = first_;
    first_ = object;
    return object;
}

void SharedObjects::release(SharedObject& object) {
    slab_.keep_open(object);
    if (object.regions_ > 0) --object.regions_;
    if (object.regions_ == 0) destroy(object);
}

void SharedObjects::destroy(SharedObject& object) {
    SharedObject** place = &first_;
    while (*place != &object) {
        slab_.keep_open(**place);
        place = &(*place)->next_;
    }
    *place = object.next_;
    if (object.charged_ != nullptr) {
        slab_.keep_other_open(object.charged_); // in the space of its maker
        object.charged_->give(object.pages_);
    }
    slab_.destroy(object);
}

void SharedObjects::forget(const Budget& budget) {
    for (SharedObject* object = first_; object != nullptr; object = object->next_)
        if (object->charged_ == &budget) slab_.use(*object, [](SharedObject& left) { left.charged_ = nullptr; });
}

} // namespace tessera::vm
