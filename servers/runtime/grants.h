// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// A process's grant table and the grants in it. Granting and revoking are memory writes; the kernel hears only of a
// table that was made or grew.

#include "kernel/abi/grant.h"
#include "kernel/abi/result.h"
#include <cstddef>
#include <span>
#include <vector>

namespace tessera::runtime {

class GrantTable;

// Owns one grant: it ends with the object, and its id is never honoured again.
class [[nodiscard]] Grant {
public:
    Grant() = default; // no grant
    Grant(Grant&& other) noexcept;
    Grant& operator=(Grant&& other) noexcept;
    Grant(const Grant&) = delete;
    Grant& operator=(const Grant&) = delete;
    ~Grant();

    GrantId id() const { return id_; }

private:
    friend class GrantTable;
    Grant(GrantTable& table, GrantId id) : table_(&table), id_(id) {}

    GrantTable* table_ = nullptr;
    GrantId id_;
};

// Tells the kernel where the table is from now on.
using RegisterTable = Completion (*)(std::span<GrantEntry> table);
Completion register_with_kernel(std::span<GrantEntry> table);

// Must outlive its grants. One a process: the kernel knows only the last registered.
class GrantTable {
public:
    explicit GrantTable(RegisterTable registrar = register_with_kernel) : register_(registrar) {}
    GrantTable(const GrantTable&) = delete;
    GrantTable& operator=(const GrantTable&) = delete;

    // `grantee` (or endpoints::any) may read, write, or both, through safecopy.
    // no_space: every slot is in use or used up; out_of_memory; and what the registration answers.
    Result<Grant> readable(Endpoint grantee, std::span<const std::byte> memory);
    Result<Grant> writable(Endpoint grantee, std::span<std::byte> memory);
    Result<Grant> read_write(Endpoint grantee, std::span<std::byte> memory);

    std::span<const GrantEntry> entries() const { return entries_; }

private:
    friend class Grant;
    Result<Grant> create(Endpoint grantee, const std::byte* address, std::size_t bytes, GrantRights rights);
    void revoke(GrantId id);
    Completion grow();

    RegisterTable register_;
    std::vector<GrantEntry> entries_;
    std::vector<std::uint32_t> free_; // indices; capacity is kept at entries_.size(), so that revoking cannot fail
};

} // namespace tessera::runtime
