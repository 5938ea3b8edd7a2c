// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The real registers, clock and client.

#include "kernel/abi/calls/grants.h"
#include "servers/drivers/e1000/clients.h"
#include "servers/drivers/e1000/controller.h"
#include "servers/runtime/clock.h"

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

class KernelClients final : public Clients {
public:
    Completion read(Attachment attachment, std::size_t offset, std::span<std::byte> target) override {
        TESSERA_TRY(kernel_call<kernel_calls::SafecopyFrom>(copy(attachment, offset, target)));
        return Done{};
    }
    Completion write(Attachment attachment, std::size_t offset, std::span<const std::byte> source) override {
        TESSERA_TRY(kernel_call<kernel_calls::SafecopyTo>(copy(attachment, offset, source)));
        return Done{};
    }
    Completion notify(Endpoint client) override { return tessera::notify(client); }

private:
    static kernel_calls::SafecopyFrom::Request copy(Attachment attachment, std::size_t offset,
                                                    std::span<const std::byte> memory) {
        return {.grantor = attachment.client,
                .grant = attachment.rings,
                .offset = offset,
                .address = {reinterpret_cast<std::uint64_t>(memory.data())},
                .bytes = memory.size()};
    }
};

} // namespace tessera::e1000
