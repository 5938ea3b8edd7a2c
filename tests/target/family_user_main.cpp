// SPDX-License-Identifier: BSD-3-Clause
// A parent and a child with memory of every kind that they can share. tests/system/test_vm_sharing.py has the numbers.

#include <cstddef>
#include <sys/mman.h>
#include <unistd.h>

namespace {

constexpr std::size_t page_bytes = 4096, private_pages = 8, shared_pages = 4, shared_pages_touched = 3;

char* map_pages(std::size_t pages, int sharing) {
    void* address = mmap(nullptr, pages * page_bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    return address == MAP_FAILED ? nullptr : static_cast<char*>(address);
}

void touch(volatile char* memory, std::size_t pages) {
    for (std::size_t i = 0; i < pages; ++i) memory[i * page_bytes] = 1;
}

} // namespace

int main() {
    char* own = map_pages(private_pages, MAP_PRIVATE);
    char* common = map_pages(shared_pages, MAP_SHARED);
    if (own == nullptr || common == nullptr) return 1;
    touch(own, private_pages);
    touch(common, shared_pages_touched);
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) touch(own + 2 * page_bytes, 1); // which cuts what they share in two
    for (;;) pause();
}
