// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// Loads a program into a space: its segments page by page, straight into their frames, and its first stack.

#include "boot/elf_image.h"
#include "servers/vm/first_stack.h"
#include "servers/vm/space.h"
#include <span>

namespace tessera::vm {

// Where the file of a program is read from.
class ImageSource {
public:
    virtual Completion read(std::uint64_t offset, std::span<std::byte> to) = 0;

protected:
    ~ImageSource() = default;
};

// A file in granted memory. Whatever is wrong with the grant is a bad address to who asked for the load.
class GrantedImage final : public ImageSource {
public:
    GrantedImage(KernelInterface& kernel, Endpoint grantor, GrantId grant)
        : kernel_(kernel),
          grantor_(grantor),
          grant_(grant) {}
    Completion read(std::uint64_t offset, std::span<std::byte> to) override {
        if (!kernel_.copy_from(grantor_, grant_, offset, to).has_value()) return Status::bad_address;
        return Done{};
    }

private:
    KernelInterface& kernel_;
    Endpoint grantor_;
    GrantId grant_;
};

// A file in memory that VM itself sees.
class VisibleImage final : public ImageSource {
public:
    explicit VisibleImage(std::span<const std::byte> file) : file_(file) {}
    Completion read(std::uint64_t offset, std::span<std::byte> to) override {
        if (offset > file_.size() || to.size() > file_.size() - offset) return Status::bad_address;
        std::memcpy(to.data(), file_.data() + offset, to.size());
        return Done{};
    }

private:
    std::span<const std::byte> file_;
};

struct LoadedProgram {
    VirtualAddress entry;
    VirtualAddress stack;
};

class ImageLoader {
public:
    explicit ImageLoader(const SpaceEnvironment& environment) : environment_(environment) {}

    // not_executable, out_of_memory, too_big (the arguments), and what the source answers. After a failure nothing of
    // the program is left in the space.
    Result<LoadedProgram> load(Space& space, ImageSource& file, std::uint64_t file_bytes,
                               std::span<const std::byte> arguments, const RandomSeed& seed);

    // Removes a program that did not start.
    static void unload(Space& space);

private:
    Result<LoadedProgram> try_load(Space& space, ImageSource& file, std::uint64_t file_bytes,
                                   std::span<const std::byte> arguments, const RandomSeed& seed);
    Completion load_segment(Space& space, ImageSource& file, const boot::ElfSegment& segment);
    Completion load_page(Space& space, ImageSource& file, const boot::ElfSegment& segment, VirtualAddress page);
    Completion load_stack(Space& space, const FirstStack& stack);

    SpaceEnvironment environment_;
};

} // namespace tessera::vm
