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

// A part of a grant that another process gave us.
struct GivenRange {
    Endpoint grantor;
    GrantId grant;
    std::uint64_t offset = 0; // in the grant
    std::uint64_t bytes = 0;
};

// Owns one grant: it ends with the object, and its id is never honoured again. Maps of the memory that were made
// through it end too; what they had stays with who had it.
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

// Ends the maps that were made through a grant which is not honoured any more. VM can only refuse it for want of memory
// for copies that it needs when several have mapped the same pages; then they last as long as this process.
using EndMaps = void (*)(GrantId grant);
void end_maps_by_vm(GrantId grant);

// Must outlive its grants. One a process: the kernel knows only the last registered.
class GrantTable {
public:
    explicit GrantTable(RegisterTable registrar = register_with_kernel, EndMaps end_maps = end_maps_by_vm)
        : register_(registrar),
          end_maps_(end_maps) {}
    GrantTable(const GrantTable&) = delete;
    GrantTable& operator=(const GrantTable&) = delete;

    // `grantee` (or endpoints::any) may read, write, or both, through safecopy.
    // no_space: every slot is in use or used up; out_of_memory; and what the registration answers.
    Result<Grant> readable(Endpoint grantee, std::span<const std::byte> memory);
    Result<Grant> writable(Endpoint grantee, std::span<std::byte> memory);
    Result<Grant> read_write(Endpoint grantee, std::span<std::byte> memory);
    // May read and map it for reading. Whole pages.
    Result<Grant> mappable(Endpoint grantee, std::span<const std::byte> memory);

    // The general ones, with any rights. A map wants whole pages.
    Result<Grant> direct(Endpoint grantee, GrantRights rights, std::span<std::byte> memory);
    // Passes on a part of a grant that we were given.
    Result<Grant> indirect(Endpoint grantee, GrantRights rights, const GivenRange& previous);
    // Memory of a user process, for who may make such grants (the configuration's `magic_grants`).
    struct UserMemory {
        Endpoint process;
        VirtualAddress address;
        std::uint64_t bytes = 0;
    };
    Result<Grant> magic(Endpoint grantee, GrantRights rights, const UserMemory& memory);

    std::span<const GrantEntry> entries() const { return entries_; }

private:
    friend class Grant;
    Result<Grant> create(const GrantEntry& terms);
    void revoke(GrantId id);
    Completion grow();

    RegisterTable register_;
    EndMaps end_maps_;
    std::vector<GrantEntry> entries_;
    std::vector<std::uint32_t> free_; // indices; capacity is kept at entries_.size(), so that revoking cannot fail
};

} // namespace tessera::runtime
