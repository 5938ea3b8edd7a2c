// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real registers, clock, client and data store.

#include "servers/drivers/e1000/clients.h"
#include "servers/drivers/e1000/controller.h"
#include "servers/drivers/e1000/published_statistics.h"
#include "servers/protocols/ethernet.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/data_store.h"
#include "servers/runtime/given_grant.h"
#include <atomic>
#include <cstring>

namespace tessera::e1000 {

class MappedRegisters final : public Registers {
public:
    explicit MappedRegisters(VirtualAddress base) : base_(base) {}
    std::uint32_t read(Register which) override { return *place(which); }
    void write(Register which, std::uint32_t value) override { *place(which) = value; }

private:
    volatile std::uint32_t* place(Register which) const {
        return reinterpret_cast<volatile std::uint32_t*>(base_.value + static_cast<std::uint32_t>(which));
    }
    VirtualAddress base_;
};

class KernelClock final : public Clock {
public:
    Nanoseconds now() override { return tessera::now(); }
};

// The rings are mapped from their first use on.
class KernelClients final : public Clients {
public:
    Completion read(Attachment attachment, std::size_t offset, std::span<std::byte> target) override {
        if (target.empty()) return runtime::GivenGrant(attachment.client, attachment.rings).read(offset, target);
        TESSERA_TRY(view(attachment));
        if (!fits(offset, target.size())) return Status::not_permitted;
        std::memcpy(target.data(), view_.bytes().data() + offset, target.size());
        return Done{};
    }
    Completion write(Attachment attachment, std::size_t offset, std::span<const std::byte> source) override {
        TESSERA_TRY(view(attachment));
        if (!fits(offset, source.size())) return Status::not_permitted;
        std::memcpy(view_.bytes().data() + offset, source.data(), source.size());
        return Done{};
    }
    Result<std::uint32_t> read_index(Attachment attachment, std::size_t offset) override {
        TESSERA_TRY(view(attachment));
        return std::atomic_ref(index_at(offset)).load(std::memory_order_acquire);
    }
    Completion write_index(Attachment attachment, std::size_t offset, std::uint32_t index) override {
        TESSERA_TRY(view(attachment));
        std::atomic_ref(index_at(offset)).store(index, std::memory_order_release);
        return Done{};
    }
    Completion notify(Endpoint client) override {
        const Completion result = tessera::notify(client);
        if (result.status() == Status::dead_endpoint) {
            view_ = {};
            viewed_ = {};
        }
        return result;
    }

private:
    static bool fits(std::size_t offset, std::size_t bytes) {
        return bytes <= rings_bytes && offset <= rings_bytes - bytes;
    }

    std::uint32_t& index_at(std::size_t offset) const {
        return *reinterpret_cast<std::uint32_t*>(view_.bytes().data() + offset);
    }

    // Whoever had the last view keeps it when the new grant is not good.
    Completion view(Attachment attachment) {
        if (attachment == viewed_) return Done{};
        auto mapped = runtime::GivenGrant(attachment.client, attachment.rings).map_writable(0, rings_bytes);
        if (!mapped.has_value())
            return mapped.error() == Status::dead_endpoint ? Status::dead_endpoint : Status::not_permitted;
        view_ = *std::move(mapped);
        viewed_ = attachment;
        return Done{};
    }

    static constexpr std::size_t rings_bytes = sizeof(protocol::ethernet::EthernetRings);

    runtime::MappedView<std::byte> view_;
    Attachment viewed_;
};

class KernelPublication final : public Publication {
public:
    Completion show(std::span<const std::byte> pages) override {
        grant_ = TESSERA_TRY(data_store_.publish_map("e1000.statistics", pages, protocol::ds::Overwrite::allow));
        return Done{};
    }
    void wake_after(Nanoseconds delay) override {
        (void)kernel_call<kernel_calls::AlarmSet>({.deadline = now() + delay});
    }

private:
    runtime::GrantTable grants_;
    runtime::DataStore data_store_{grants_, protocol::rs::LookupWait::answer_now};
    runtime::Grant grant_;
};

} // namespace tessera::e1000
