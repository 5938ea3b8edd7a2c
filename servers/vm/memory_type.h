// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The kinds of memory that a region can be of: where its frames come from, where they go, and what its process may do
// with it. A new kind is a new class here.

#include "servers/protocols/vm.h"
#include "servers/vm/frame_allocator.h"
#include "servers/vm/region.h"
#include "servers/vm/shared_memory.h"

namespace tessera::vm {

using protocol::vm::RegionKind;

class MemoryType {
public:
    // Who may unmap a region or change its access: the process that has it, or nobody while the process lives.
    enum class Control : std::uint8_t { unmap_and_protect, unmap, fixed };
    // Whether its pages count as held by the process: against its budget and as resident.
    enum class Charge : std::uint8_t { process, nobody };
    // What a child gets of a region in a fork: a copy, made page by page when one of the two writes; the same memory;
    // nothing, as every space has its own; or the fork is refused, as nobody else may have this.
    enum class Fork : std::uint8_t { copy, share, leave_out, refuse };

    explicit constexpr MemoryType(RegionKind kind) : kind_(kind) {}
    MemoryType(const MemoryType&) = delete;
    MemoryType& operator=(const MemoryType&) = delete;

    RegionKind kind() const { return kind_; }

    // The frame of a page that has none yet, with a reference for the page table's entry. out_of_memory.
    virtual Result<PhysicalAddress> supply(const Region& region, VirtualAddress page) const = 0;

    // There is one more page table entry for the frame.
    virtual void retain(PhysicalAddress frame) const = 0;

    // An entry for the frame is gone from a page table; the processor may still know it until a flush.
    virtual void release(PhysicalAddress frame, CondemnedFrames& condemned) const = 0;

    // Who keeps its frames: their references, of which each entry of a page table is one, or somebody else.
    enum class Keeper : std::uint8_t { references, others };

    // There is a region of this type more, or less.
    virtual void made(const Region&) const {}
    virtual void gone(const Region&) const {}

    // Whether two regions of this type that meet are one.
    virtual bool joins(const Region& lower, const Region& upper) const = 0;

    virtual Caching caching() const { return Caching::write_back; }
    virtual Control control() const = 0;
    virtual Charge charge() const = 0;
    virtual Fork fork() const = 0;
    // How many pages of all memory of this kind, of those that its process wrote to since it last forked, a fork copies
    // at once, without waiting for the next write: both processes are likely to write to them again, and a fault each
    // costs more than the copy.
    virtual std::uint32_t copied_at_once() const { return 0; }
    virtual Keeper keeper() const { return Keeper::references; }
    // Whether others may map it when they are granted it, and its pages be shared by large copies.
    virtual bool lendable() const { return false; }

protected:
    ~MemoryType() = default;

private:
    RegionKind kind_;
};

// Frames of its own for each page, zero at first.
class AllocatedMemory : public MemoryType {
public:
    Result<PhysicalAddress> supply(const Region&, VirtualAddress) const override {
        return frames_.allocate_cleared(use_);
    }
    void retain(PhysicalAddress frame) const override { frames_.retain(frame); }
    void release(PhysicalAddress frame, CondemnedFrames& condemned) const override {
        frames_.condemn(frame, condemned);
    }
    bool joins(const Region&, const Region&) const override { return true; }
    Charge charge() const override { return Charge::process; }

protected:
    AllocatedMemory(RegionKind kind, FrameAllocator& frames, FrameUse use)
        : MemoryType(kind),
          frames_(frames),
          use_(use) {}
    ~AllocatedMemory() = default;

private:
    FrameAllocator& frames_;
    FrameUse use_;
};

// The process's own: anonymous memory, its stack, and its image, whose contents the loader puts in.
class PrivateMemory final : public AllocatedMemory {
public:
    PrivateMemory(RegionKind kind, FrameAllocator& frames, std::uint32_t copied_at_once = 0)
        : AllocatedMemory(kind, frames, FrameUse::process),
          copied_at_once_(copied_at_once) {}
    Control control() const override { return Control::unmap_and_protect; }
    Fork fork() const override { return Fork::copy; }
    std::uint32_t copied_at_once() const override { return copied_at_once_; }
    bool lendable() const override { return kind() != RegionKind::code; }

private:
    std::uint32_t copied_at_once_;
};

// Memory of others that they granted, see granted_maps.h. A child of the process gets a copy at once.
class MappedMemory final : public AllocatedMemory {
public:
    explicit MappedMemory(FrameAllocator& frames) : AllocatedMemory(RegionKind::mapped, frames, FrameUse::process) {}
    bool joins(const Region&, const Region&) const override { return false; }
    Control control() const override { return Control::unmap; }
    Fork fork() const override { return Fork::copy; }
    bool lendable() const override { return true; }
};

// Memory that several processes have, see shared_memory.h.
class SharedMemory final : public MemoryType {
public:
    SharedMemory(FrameAllocator& frames, SharedObjects& objects)
        : MemoryType(RegionKind::shared),
          frames_(frames),
          objects_(objects) {}
    Result<PhysicalAddress> supply(const Region& region, VirtualAddress page) const override {
        return region.object->frame_at(region.offset_of(page));
    }
    void retain(PhysicalAddress frame) const override { frames_.retain(frame); }
    void release(PhysicalAddress frame, CondemnedFrames& condemned) const override {
        frames_.condemn(frame, condemned);
    }
    void made(const Region& region) const override { objects_.retain(*region.object); }
    void gone(const Region& region) const override { objects_.release(*region.object); }
    bool joins(const Region& lower, const Region& upper) const override {
        return lower.object == upper.object && lower.offset_of(lower.range.end) == upper.offset;
    }
    Control control() const override { return Control::unmap_and_protect; }
    Charge charge() const override { return Charge::nobody; }
    Fork fork() const override { return Fork::share; }

private:
    FrameAllocator& frames_;
    SharedObjects& objects_;
};

// Memory that a restarted service finds again: a successor takes over the frames.
class PreservedMemory final : public AllocatedMemory {
public:
    explicit PreservedMemory(FrameAllocator& frames)
        : AllocatedMemory(RegionKind::preserved, frames, FrameUse::preserved) {}
    Control control() const override { return Control::fixed; }
    Fork fork() const override { return Fork::refuse; }
};

// Frames that are one piece and that somebody else looks after.
class BackedMemory : public MemoryType {
public:
    using MemoryType::MemoryType;
    Result<PhysicalAddress> supply(const Region& region, VirtualAddress page) const override {
        return region.backing_of(page);
    }
    void retain(PhysicalAddress) const override {}
    void release(PhysicalAddress, CondemnedFrames&) const override {}
    bool joins(const Region&, const Region&) const override { return false; }
    Fork fork() const override { return Fork::refuse; }
    Keeper keeper() const override { return Keeper::others; }

protected:
    ~BackedMemory() = default;
};

// Registers of a device.
class DeviceMemory final : public BackedMemory {
public:
    DeviceMemory() : BackedMemory(RegionKind::device) {}
    Caching caching() const override { return Caching::uncached; }
    Control control() const override { return Control::unmap; }
    Charge charge() const override { return Charge::nobody; }
};

// Memory for a device to read and write. Its frames belong to ContiguousMemoryPool.
class ContiguousMemory final : public BackedMemory {
public:
    ContiguousMemory() : BackedMemory(RegionKind::contiguous) {}
    Control control() const override { return Control::fixed; }
    Charge charge() const override { return Charge::process; }
};

// Pieces that a driver maps for its device while it runs. Each entry has a reference of its own; the frames go with the
// entries, or to ContiguousPool when the driver dies.
class DeviceBuffer final : public AllocatedMemory {
public:
    explicit DeviceBuffer(FrameAllocator& frames)
        : AllocatedMemory(RegionKind::contiguous, frames, FrameUse::preserved) {}
    Result<PhysicalAddress> supply(const Region& region, VirtualAddress page) const override {
        const PhysicalAddress frame = region.backing_of(page);
        retain(frame);
        return frame;
    }
    bool joins(const Region&, const Region&) const override { return false; }
    Control control() const override { return Control::unmap; }
    Fork fork() const override { return Fork::refuse; }
};

// The boot archive, as the loader left it.
class ArchiveMemory final : public BackedMemory {
public:
    ArchiveMemory() : BackedMemory(RegionKind::archive) {}
    Control control() const override { return Control::fixed; }
    Charge charge() const override { return Charge::nobody; }
};

// A page of the kernel's that every process may read.
class KernelMemory final : public BackedMemory {
public:
    KernelMemory() : BackedMemory(RegionKind::information) {}
    Control control() const override { return Control::fixed; }
    Charge charge() const override { return Charge::nobody; }
    Fork fork() const override { return Fork::leave_out; }
};

// One of each.
struct MemoryTypes {
    MemoryTypes(FrameAllocator& frames, SharedObjects& objects)
        : code(RegionKind::code, frames),
          data(RegionKind::data, frames, 4),
          stack(RegionKind::stack, frames, 2),
          anonymous(RegionKind::anonymous, frames),
          heap(RegionKind::heap, frames),
          mapped(frames),
          shared(frames, objects),
          preserved(frames),
          device_buffer(frames) {}

    PrivateMemory code;
    PrivateMemory data;
    PrivateMemory stack;
    PrivateMemory anonymous;
    PrivateMemory heap;
    MappedMemory mapped;
    SharedMemory shared;
    PreservedMemory preserved;
    ContiguousMemory contiguous;
    DeviceBuffer device_buffer;
    DeviceMemory device;
    ArchiveMemory archive;
    KernelMemory kernel;
};

} // namespace tessera::vm
