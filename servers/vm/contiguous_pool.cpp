// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/contiguous_pool.h"

namespace tessera::vm {

namespace {

bool fits(const ContiguousBlock& block, const ContiguousRequest& request) {
    return block.pages == request.pages && block.base.value % request.alignment == 0 &&
           block.base + block.pages * page_bytes <= request.limit;
}

} // namespace

Result<ContiguousBlock> ContiguousPool::take(ServiceId service, const ContiguousRequest& request) {
    LeftBlock* before = nullptr;
    for (LeftBlock* found = left_; found != nullptr; before = found, found = found->next) {
        if (service == service_ids::user || found->service != service || !fits(found->block, request)) continue;
        ContiguousBlock block = found->block;
        block.origin = ContiguousBlock::Origin::left_behind;
        unlink(before, *found);
        records_.destroy(*found);
        std::memset(frames_.view().at(block.base), 0, block.pages * page_bytes);
        return block;
    }
    return ContiguousBlock{TESSERA_TRY(frames_.allocate_contiguous(request, FrameUse::preserved)), request.pages};
}

void ContiguousPool::give_back(ServiceId service, ContiguousBlock block) {
    if (block.origin == ContiguousBlock::Origin::left_behind) return leave(service, block);
    for (std::uint64_t i = 0; i < block.pages; ++i) frames_.release(block.base + i * page_bytes);
}

// `before`: the one before it in the list, or nullptr.
void ContiguousPool::unlink(LeftBlock* before, const LeftBlock& left) {
    if (before == nullptr)
        left_ = left.next;
    else
        records_.use(*before, [&](LeftBlock& changed) { changed.next = left.next; });
}

void ContiguousPool::leave(ServiceId service, ContiguousBlock block) {
    // Without a record nobody finds it: it stays out of use.
    if (auto* record = records_.create(LeftBlock{service, block, left_})) left_ = record;
}

} // namespace tessera::vm
