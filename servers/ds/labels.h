// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The labels of the running services, as RS tells them. RS is their keeper: they are read anew, never preserved.

#include "kernel/abi/privileges.h"
#include "kernel/abi/process.h"
#include "servers/protocols/ds.h"
#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace tessera::ds {

struct Label {
    Name name;
    Endpoint endpoint; // none: this place is free
    bool operator==(const Label&) const = default;
};

class Labels {
public:
    // Takes over RS's list of running services and calls `changed(label, change)` for each difference; a deleted
    // label carries its last endpoint.
    template <class Visitor> void update(std::span<const Label> running, Visitor&& changed) {
        for (Label& known : labels_)
            if (known.endpoint != endpoints::none &&
                std::ranges::find(running, known.name, &Label::name) == running.end())
                changed(std::exchange(known, Label{}), protocol::ds::Change::deleted);
        for (const Label& label : running) {
            Label* known = find(label.name);
            if (known != nullptr && known->endpoint == label.endpoint) continue;
            Label* place = known != nullptr ? known : free_place();
            if (place == nullptr) continue;
            *place = label;
            changed(label, known != nullptr ? protocol::ds::Change::overwritten : protocol::ds::Change::published);
        }
    }

    const Label* by_endpoint(Endpoint endpoint) const {
        const auto found = std::ranges::find(labels_, endpoint, &Label::endpoint);
        return endpoint != endpoints::none && found != labels_.end() ? &*found : nullptr;
    }
    const Label* by_name(std::string_view name) const {
        for (const Label& label : labels_)
            if (label.endpoint != endpoints::none && label.name.view() == name) return &label;
        return nullptr;
    }
    // Places 0..size()-1; free ones have no endpoint.
    const Label& operator[](std::size_t place) const { return labels_[place]; }
    static constexpr std::size_t size() { return service_limit; }

private:
    Label* find(const Name& name) {
        for (Label& label : labels_)
            if (label.endpoint != endpoints::none && label.name == name) return &label;
        return nullptr;
    }
    Label* free_place() {
        const auto found = std::ranges::find(labels_, endpoints::none, &Label::endpoint);
        return found != labels_.end() ? &*found : nullptr;
    }

    std::array<Label, service_limit> labels_{};
};

} // namespace tessera::ds
