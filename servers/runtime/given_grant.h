// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The grantee's side: memory that another process granted us, and views of it that are mapped.

#include "kernel/abi/calls/grants.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include <span>
#include <type_traits>
#include <utility>

namespace tessera::runtime {

// Copies of at least so many bytes go by way of VM, which shares whole pages instead of copying them. Measured:
// docs/performance.md, "Where sharing pages pays".
inline constexpr std::size_t shared_copy_bytes = 4 * page_bytes;

// Memory of another process that we see as long as the view lives. Byte: std::byte, or const std::byte for a view that
// is for reading; a write to that faults. When the grantor revokes the grant or dies, the view has the contents of that
// moment.
template <class Byte> class [[nodiscard]] MappedView {
    static_assert(std::is_same_v<std::remove_const_t<Byte>, std::byte>);

public:
    MappedView() = default; // of nothing
    MappedView(MappedView&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    MappedView& operator=(MappedView&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    MappedView(const MappedView&) = delete;
    MappedView& operator=(const MappedView&) = delete;
    // VM refuses for want of memory alone (servers/protocols/vm_grants.h): then the memory stays mapped.
    ~MappedView() {
        using namespace protocol::vm;
        if (!bytes_.empty())
            (void)call<VmProtocol, Unmap>(
                endpoints::vm, {.address = {reinterpret_cast<std::uint64_t>(bytes_.data())}, .bytes = bytes_.size()});
    }

    std::span<Byte> bytes() const { return bytes_; }

private:
    friend class GivenGrant;
    explicit MappedView(std::span<Byte> bytes) : bytes_(bytes) {}

    std::span<Byte> bytes_;
};

// A grant as a request brings it: whose it is, and its id. Nothing about it is known until it is used.
class GivenGrant {
public:
    GivenGrant() = default;
    GivenGrant(Endpoint grantor, GrantId id) : grantor_(grantor), id_(id) {}

    Endpoint grantor() const { return grantor_; }
    GrantId id() const { return id_; }

    // Errors: those of the kernel calls safecopy_from, safecopy_to and safememset; out_of_memory.
    Completion read(std::uint64_t offset, std::span<std::byte> target) const {
        return copy<kernel_calls::SafecopyFrom>(offset, target, CopyDirection::from_grant);
    }
    Completion write(std::uint64_t offset, std::span<const std::byte> source) const {
        return copy<kernel_calls::SafecopyTo>(offset, source, CopyDirection::to_grant);
    }
    Completion fill(std::uint64_t offset, std::byte value, std::uint64_t bytes) const {
        TESSERA_TRY(kernel_call<kernel_calls::Safememset>({.grantor = grantor_,
                                                           .grant = id_,
                                                           .offset = offset,
                                                           .value = std::to_integer<std::uint64_t>(value),
                                                           .bytes = bytes}));
        return Done{};
    }

    // Whole pages. Errors: those of VM's safemap.
    Result<MappedView<const std::byte>> map_readable(std::uint64_t offset, std::uint64_t bytes) const {
        return map<const std::byte>(offset, bytes, protocol::vm::Protection::read);
    }
    Result<MappedView<std::byte>> map_writable(std::uint64_t offset, std::uint64_t bytes) const {
        using protocol::vm::Protection;
        return map<std::byte>(offset, bytes, Protection::read | Protection::write);
    }

private:
    template <class Call>
    Completion copy(std::uint64_t offset, std::span<const std::byte> memory, CopyDirection direction) const {
        using namespace protocol::vm;
        const VirtualAddress address{reinterpret_cast<std::uint64_t>(memory.data())};
        if (memory.size() >= shared_copy_bytes) {
            const auto shared = call<VmProtocol, Safecopy>(endpoints::vm, {.grantor = grantor_,
                                                                           .grant = id_,
                                                                           .offset = offset,
                                                                           .address = address,
                                                                           .bytes = memory.size(),
                                                                           .direction = direction});
            if (shared.has_value()) return Done{};
            // What only the kernel copies.
            if (shared.error() != Status::invalid) return shared.error();
        }
        TESSERA_TRY(kernel_call<Call>(
            {.grantor = grantor_, .grant = id_, .offset = offset, .address = address, .bytes = memory.size()}));
        return Done{};
    }

    template <class Byte>
    Result<MappedView<Byte>> map(std::uint64_t offset, std::uint64_t bytes, protocol::vm::Protection protection) const {
        using namespace protocol::vm;
        const auto mapped = TESSERA_TRY((call<VmProtocol, Safemap>(endpoints::vm, {.grantor = grantor_,
                                                                                   .grant = id_,
                                                                                   .offset = offset,
                                                                                   .address = {},
                                                                                   .bytes = bytes,
                                                                                   .protection = protection})));
        return MappedView<Byte>(std::span(reinterpret_cast<Byte*>(mapped.address.value), bytes));
    }

    Endpoint grantor_;
    GrantId id_;
};

} // namespace tessera::runtime
