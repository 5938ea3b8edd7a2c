// SPDX-License-Identifier: BSD-3-Clause
#include "netmgmt/decode/sharing_groups.h"

#include <algorithm>

namespace tessera::netmgmt {

using protocol::vm::SharedRunNext;

void SharingGroups::add(const SharedRunNext::Reply& run) {
    if (const Group* found = find(run)) {
        groups_[static_cast<std::size_t>(found - groups_.data())].pages += run.pages;
    } else if (groups_.size() < limit) {
        groups_.push_back({run.processes, run.reason, run.start, run.pages});
    } else if (!left_out_) {
        left_out_ = run.start;
    }
}

void SharingGroups::clear() {
    groups_.clear();
    left_out_.reset();
}

const SharingGroups::Group* SharingGroups::find(const SharedRunNext::Reply& run) const {
    const auto found = std::ranges::find_if(
        groups_, [&](const Group& group) { return group.reason == run.reason && group.processes == run.processes; });
    return found == groups_.end() ? nullptr : &*found;
}

} // namespace tessera::netmgmt
