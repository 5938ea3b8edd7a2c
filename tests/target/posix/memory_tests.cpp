// SPDX-License-Identifier: BSD-3-Clause
// Memory of processes that fork: what is copied, what is shared, what is gone, and who dies of which access.

#include "kernel/abi/strong.h"
#include "kernel/abi/user_layout.h"
#include "servers/protocols/vm.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "tests/target/posix/suite.h"
#include "tests/target/posix/tests.h"
#include <array>
#include <csignal>
#include <string>
#include <sys/mman.h>

namespace tessera::target::posix {

namespace {

using namespace protocol::vm;

template <class Operation> Result<typename Operation::Reply> vm(const typename Operation::Request& request) {
    return runtime::call<VmProtocol, Operation>(endpoints::vm, request);
}

volatile char* map(std::size_t pages, int protection = PROT_READ | PROT_WRITE, int flags = MAP_PRIVATE) {
    void* const memory = mmap(nullptr, pages * page_bytes, protection, flags | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "mmap");
    return static_cast<volatile char*>(memory);
}
void* page_of(volatile char* memory, std::size_t page) { return const_cast<char*>(memory) + page * page_bytes; }
void unmap(volatile char* memory, std::size_t first, std::size_t pages) {
    require_equal(munmap(page_of(memory, first), pages * page_bytes), 0, "munmap");
}
void protect(volatile char* memory, std::size_t first, std::size_t pages, int protection) {
    require_equal(mprotect(page_of(memory, first), pages * page_bytes, protection), 0, "mprotect");
}

// Each page has a mark of its own.
void mark(volatile char* memory, std::size_t first, std::size_t pages, char mark) {
    for (std::size_t i = first; i < first + pages; ++i) memory[i * page_bytes] = static_cast<char>(mark + i);
}
void require_marks(volatile char* memory, std::size_t first, std::size_t pages, char mark, std::string_view what) {
    for (std::size_t i = first; i < first + pages; ++i)
        require_equal(static_cast<int>(memory[i * page_bytes]), static_cast<char>(mark + i), what);
}

// The exit status of a process whose access is refused with the signal and address that are right.
constexpr int refused = 71;
volatile char* forbidden = nullptr;

void end_if_right(int signal, siginfo_t* information, void*) {
    _exit(signal == SIGSEGV && information->si_addr == forbidden ? refused : check_failed);
}

enum class Access : std::uint8_t { read, write };

// In a child, so that the process lives on: first that SIGSEGV brings the address, then that it ends who ignores it.
void require_refused(volatile char* address, Access access, std::string_view what, Place place = Place::current()) {
    const auto use = [&] {
        if (access == Access::write)
            *address = 1;
        else
            (void)*address;
        return 0;
    };
    const pid_t handles = start([&] {
        struct sigaction action{};
        action.sa_sigaction = end_if_right;
        action.sa_flags = SA_SIGINFO;
        require_equal(sigaction(SIGSEGV, &action, nullptr), 0, "sigaction");
        forbidden = address;
        return use();
    });
    require_exit(handles, refused, what, place);
    require_signal(start(use), SIGSEGV, what, place);
}

std::uint32_t free_pages() { return runtime::call<VmProtocol, MemoryStatistics>(endpoints::vm, {})->free; }

void copied_on_write() {
    constexpr std::size_t pages = 8;
    volatile char* const memory = map(pages);
    mark(memory, 0, pages / 2, 'a'); // the rest is touched by nobody before the fork
    volatile char* const step = map(1, PROT_READ | PROT_WRITE, MAP_SHARED); // so that the order of writes is ours
    const auto await = [&](char value) {
        while (*step != value) (void)sleep_for(milliseconds(1));
    };
    const pid_t child = start([&] {
        await(1);
        require_marks(memory, 0, pages / 2, 'a', "the child does not see what the parent wrote");
        require_equal(static_cast<int>(memory[(pages - 1) * page_bytes]), 0, "nor on new pages");
        mark(memory, 0, pages, 'k');
        const pid_t grandchild = start([&] {
            require_marks(memory, 0, pages, 'k', "the grandchild's copy");
            mark(memory, 0, pages, 'A');
            return 0;
        });
        require_exit(grandchild, 0, "the grandchild");
        require_marks(memory, 0, pages, 'k', "the child does not see what the grandchild wrote");
        *step = 2;
        await(3);
        require_marks(memory, 0, pages, 'k', "nor what the parent wrote later");
        return 0;
    });
    mark(memory, 0, pages, 'p');
    *step = 1;
    await(2);
    require_marks(memory, 0, pages, 'p', "the parent does not see what the child wrote");
    mark(memory, 0, pages, 'q');
    *step = 3;
    require_exit(child, 0, "the child");
    require_marks(memory, 0, pages, 'q', "after the child");
}

void shared_over_fork() {
    volatile char* const memory = map(4, PROT_READ | PROT_WRITE, MAP_SHARED);
    mark(memory, 0, 2, 'a');
    const pid_t child = start([&] {
        require_marks(memory, 0, 2, 'a', "what the parent wrote before");
        mark(memory, 0, 4, 'c'); // two of them nobody touched yet
        require_exit(start([&] {
                         require_marks(memory, 0, 4, 'c', "what the parent's child wrote");
                         memory[0] = 'g';
                         return 0;
                     }),
                     0, "the grandchild");
        unmap(memory, 1, 1); // its own mapping alone
        return memory[0] == 'g' ? 0 : 1;
    });
    require_exit(child, 0, "the child");
    require_equal(static_cast<int>(memory[0]), 'g', "the grandchild's page");
    require_marks(memory, 1, 3, 'c', "the child's pages");
    unmap(memory, 0, 4);
}

// As test44 of the behaviour file: hints are addresses that follow each other.
void consecutive_hints() {
    constexpr std::size_t bytes = 8192;
    constexpr std::uint64_t first = 0x20'0000'0000;
    for (std::uint64_t i = 0; i < 5; ++i) {
        const std::uint64_t hint = first + i * bytes;
        void* const memory =
            mmap(reinterpret_cast<void*>(hint), bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        require_equal(reinterpret_cast<std::uint64_t>(memory), hint, "a hint that is free");
    }
    void* const elsewhere =
        mmap(reinterpret_cast<void*>(first), bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(elsewhere != MAP_FAILED, "a hint that is taken");
    const auto place = reinterpret_cast<std::uint64_t>(elsewhere);
    require(place + bytes <= first || place >= first + 5 * bytes, "goes elsewhere");
    require_equal(munmap(elsewhere, bytes), 0, "munmap");
    require_equal(munmap(reinterpret_cast<void*>(first), 5 * bytes), 0, "munmap of all five at once");
}

// As test64: a child takes what it gets; the parent goes on, and has it all back.
void until_memory_is_out() {
    const auto greedy = [] {
        std::size_t pages = 0;
        for (;; ++pages) {
            void* const memory = mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED) break;
            *static_cast<volatile char*>(memory) = 1;
        }
        return errno == ENOMEM && pages > 100 ? 0 : 1;
    };
    require_exit(start(greedy), 0, "a first one, after which VM keeps what it needed");
    const std::uint32_t before = free_pages();
    for (int round = 0; round < 3; ++round) {
        require_exit(start(greedy), 0, "refused in the end, not killed");
        require(free_pages() + 8 >= before, "the memory comes back"); // the parent copied a page or two
    }
}

// As test74: what is left of a mapping that shrinks from the bottom keeps its contents, in a child too.
void shrunk_from_the_bottom() {
    constexpr std::size_t pages = 9;
    volatile char* const memory = map(pages);
    mark(memory, 0, pages, 'a');
    for (std::size_t gone = 1; gone < pages; ++gone) {
        unmap(memory, gone - 1, 1);
        require_marks(memory, gone, pages - gone, 'a', "what is left");
        const pid_t child = start([&] {
            require_marks(memory, gone, pages - gone, 'a', "what the child has");
            mark(memory, gone, pages - gone, 'x');
            require_marks(memory, gone, pages - gone, 'x', "what it wrote");
            return 0;
        });
        require_exit(child, 0, "a child of the rest");
        require_marks(memory, gone, pages - gone, 'a', "what is left after the child");
    }
    require_refused(memory, Access::read, "the first page");
    unmap(memory, 0, pages);
}

void holes() {
    volatile char* const memory = map(8);
    mark(memory, 0, 8, 'a');
    unmap(memory, 2, 1);
    unmap(memory, 5, 2);
    require_refused(memory + 2 * page_bytes, Access::read, "the first hole");
    require_refused(memory + 2 * page_bytes + 4095, Access::write, "its last byte");
    require_refused(memory + 6 * page_bytes, Access::write, "the second hole");
    for (const std::size_t page : {0, 1, 3, 4, 7}) require_marks(memory, page, 1, 'a', "beside the holes");
    unmap(memory, 1, 3); // over the first hole
    require_refused(memory + page_bytes, Access::read, "before the hole");
    require_refused(memory + 3 * page_bytes, Access::read, "behind it");
    require_marks(memory, 4, 1, 'a', "the next page");
    unmap(memory, 0, 8); // over all, with its holes
    unmap(memory, 0, 8); // nothing is there: fine
    require_errno(munmap(const_cast<char*>(memory) + 1, page_bytes), EINVAL, "a misaligned address");
    require_errno(munmap(const_cast<char*>(memory), 0), EINVAL, "no bytes");
}

void protections() {
    volatile char* const memory = map(3);
    mark(memory, 0, 3, 'a');
    protect(memory, 1, 1, PROT_READ);
    require_refused(memory + page_bytes + 123, Access::write, "writing to read-only memory");
    require_marks(memory, 0, 3, 'a', "reading it");
    protect(memory, 1, 1, PROT_NONE);
    require_refused(memory + page_bytes, Access::read, "reading inaccessible memory");
    protect(memory, 0, 3, PROT_READ | PROT_WRITE);
    require_marks(memory, 0, 3, 'a', "contents after all that");
    mark(memory, 0, 3, 'b');
    require_exit(start([&] {
                     protect(memory, 0, 3, PROT_READ); // the child's alone
                     return 0;
                 }),
                 0, "a child that protects");
    mark(memory, 0, 3, 'c');
    require_errno(mprotect(page_of(memory, 0), page_bytes, PROT_WRITE | PROT_EXEC), EACCES, "writable code");
    unmap(memory, 1, 1);
    require_errno(mprotect(page_of(memory, 0), 3 * page_bytes, PROT_READ), ENOMEM, "over a hole");
    memory[0] = 'd'; // nothing was changed by it
    unmap(memory, 0, 3);
}

// Touches its stack page by page, from the top, down to a depth.
[[gnu::noinline]] int use_stack(std::uint64_t bytes) {
    char here = 0;
    volatile char* place = &here;
    asm volatile("" : "+r"(place));
    for (std::uint64_t offset = 0; offset < bytes; offset += page_bytes) *(place - offset) = 1;
    return 0;
}

void stack() {
    char here = 0;
    volatile char* place = &here;
    asm volatile("" : "+r"(place));
    const std::uint64_t used = user_layout::stack_end.value - reinterpret_cast<std::uint64_t>(place);
    const std::uint64_t left = user_layout::stack_bytes - used;
    require_exit(start([&] { return use_stack(left - 4 * page_bytes); }), 0, "nearly all of the stack");
    require_signal(start([&] { return use_stack(left + 4 * page_bytes); }), SIGSEGV, "more than the stack");
    const VirtualAddress end = user_layout::stack_end - user_layout::stack_bytes;
    require_refused(reinterpret_cast<volatile char*>(end.value - 1), Access::write, "the byte below the stack");
}

// Behind what `malloc` has of the heap; nothing is allocated meanwhile.
void heap() {
    const auto move = [](VirtualAddress end) { return vm<Break>({.end = end}); };
    const VirtualAddress old_end = require_value(move({})).end;
    const VirtualAddress start_of_heap = old_end.page_up();
    auto* const memory = reinterpret_cast<volatile char*>(start_of_heap.value);
    require_equal(require_value(move(start_of_heap + 4 * page_bytes + 1)).end.value,
                  (start_of_heap + 4 * page_bytes + 1).value, "the new end");
    mark(memory, 0, 5, 'a');
    const pid_t child = start([&] {
        require_equal(require_value(move({})).end.value, (start_of_heap + 4 * page_bytes + 1).value, "the child's");
        require_marks(memory, 0, 5, 'a', "the child's heap");
        require_value(move(start_of_heap + page_bytes)); // down, alone
        mark(memory, 0, 1, 'x');
        return 0;
    });
    require_exit(child, 0, "a child with a heap");
    require_marks(memory, 0, 5, 'a', "the parent's heap");
    require_value(move(start_of_heap + 2 * page_bytes));
    require_refused(memory + 2 * page_bytes, Access::read, "behind the end");
    require_marks(memory, 0, 2, 'a', "before it");
    require_value(move(start_of_heap + 3 * page_bytes));
    require_equal(static_cast<int>(memory[2 * page_bytes]), 0, "what comes back is zero");
    require_status(move(user_layout::image).status(), Status::invalid, "below its start");
    require_status(move(user_layout::anonymous + page_bytes).status(), Status::out_of_memory, "too far");
    require_status(move(start_of_heap + (1ull << 30)).status(), Status::out_of_memory, "over the budget");
    require_equal(require_value(move({})).end.value, (start_of_heap + 3 * page_bytes).value, "where it was");
    require_value(move(old_end));
}

// A new program has nothing of the old one's memory: neither what was mapped nor the heap.
void replaced_by_exec() {
    const pid_t child = start([] {
        volatile char* const memory = map(2);
        volatile char* const shared = map(1, PROT_READ | PROT_WRITE, MAP_SHARED);
        shared[0] = 1;
        memory[0] = 1;
        const VirtualAddress heap = require_value(vm<Break>({})).end;
        require_value(vm<Break>({.end = heap + 40 * page_bytes}));
        std::array<std::string, 3> addresses{std::to_string(reinterpret_cast<std::uint64_t>(const_cast<char*>(memory))),
                                             std::to_string(reinterpret_cast<std::uint64_t>(const_cast<char*>(shared))),
                                             std::to_string((heap + 39 * page_bytes).value)};
        execl("posix_tests", "posix_tests", "unmapped", addresses[0].c_str(), addresses[1].c_str(),
              addresses[2].c_str(), nullptr);
        return check_failed;
    });
    require_exit(child, 0, "the new program finds nothing there");
}

// Whatever exec refuses, the memory of who asked is as before, resident or not, copied or not.
void kept_by_failed_exec() {
    volatile char* const memory = map(6);
    mark(memory, 0, 3, 'a');
    protect(memory, 1, 1, PROT_READ);
    std::string name("ds.conf");
    std::array<char*, 2> arguments{name.data()};
    const pid_t child = start([&] {
        mark(memory, 2, 2, 'b');
        for (int i = 0; i < 5; ++i) require_errno(execv("ds.conf", arguments.data()), ENOEXEC, "no program");
        require_marks(memory, 0, 2, 'a', "the parent's pages");
        require_marks(memory, 2, 2, 'b', "its own pages");
        require_equal(static_cast<int>(memory[5 * page_bytes]), 0, "a page that nobody touched");
        require_refused(memory + page_bytes, Access::write, "read-only as before");
        return 0;
    });
    require_exit(child, 0, "the child that failed");
    require_marks(memory, 0, 3, 'a', "the parent");
    unmap(memory, 0, 6);
}

constexpr std::array<Test, memory_test_names.size()> tests{
    copied_on_write,
    shared_over_fork,
    consecutive_hints,
    until_memory_is_out,
    shrunk_from_the_bottom,
    holes,
    protections,
    stack,
    heap,
    replaced_by_exec,
    kept_by_failed_exec,
};

} // namespace

std::span<const Test> memory_tests() { return tests; }

} // namespace tessera::target::posix
