// SPDX-License-Identifier: BSD-3-Clause
// Slabs with a guard: pages are read-only (for this process too: FakePaging), and free objects are poisoned.
#include "servers/vm/slab.h"
#include "tests/unit/vm/fatal_error.h"
#include "tests/unit/vm/machine.h"
#include <catch2/catch.hpp>
#include <csetjmp>
#include <csignal>

using namespace tessera;
using tests::FatalError;
using tests::Machine;
using vm::Findings;
using vm::ProblemKind;
using vm::Slab;

namespace {

struct Object {
    std::uint64_t number = 0;
    std::uint64_t more[4]{};
};

struct Fixture {
    Machine machine{1024, {}, vm::SanityLevel::functions};
    Slab<Object> slab{machine.own_pages, "objects"};
    Findings findings{machine.kernel};

    bool locked(const Object* object) const { return machine.paging.locked(object); }
    std::uint32_t problems() {
        slab.core().check(findings);
        return findings.count();
    }
};

// An end of the slab's that tells what it was about.
std::string words_of(auto&& action) {
    try {
        action();
    } catch (const FatalError& error) {
        return error.what();
    }
    return "it went well";
}

sigjmp_buf after_fault;
void* fault_address;

void take_fault(int, siginfo_t* information, void*) {
    fault_address = information->si_addr;
    siglongjmp(after_fault, 1);
}

// Where a write of the action faulted; nullptr: nowhere.
void* fault_of(auto&& action) {
    struct sigaction handler{};
    struct sigaction before{};
    handler.sa_sigaction = take_fault;
    handler.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &handler, &before);
    fault_address = nullptr;
    if (sigsetjmp(after_fault, 1) == 0) action();
    sigaction(SIGSEGV, &before, nullptr);
    return fault_address;
}

} // namespace

TEST_CASE("pages of a guarded slab are writable while an object is used, and only then") {
    Fixture f;
    Object* object = f.slab.create();
    Object* neighbour = f.slab.create();
    CHECK(f.locked(object));
    f.slab.use(*object, [&](Object& used) {
        CHECK_FALSE(f.locked(object));
        used.number = 7;
        f.slab.use(*neighbour, [](Object& other) { other.number = 8; }); // one may be used inside another
        CHECK_FALSE(f.locked(object));
    });
    CHECK(f.locked(object));
    CHECK(object->number == 7);
    CHECK(neighbour->number == 8);
}

TEST_CASE("an object that is kept open is writable up to the end of the request") {
    Fixture f;
    Object* object = f.slab.create();
    f.slab.keep_open(*object);
    f.slab.keep_open(*object);
    CHECK_FALSE(f.locked(object));
    object->number = 3;
    f.machine.own_pages.close_all();
    CHECK(f.locked(object));
}

TEST_CASE("a page that is kept open may go back") {
    Fixture f;
    Object* object = f.slab.create();
    f.slab.keep_open(*object);
    f.slab.destroy(*object);
    CHECK_FALSE(f.locked(object)); // others may have it now
    CHECK(f.slab.pages() == 0);
    f.machine.own_pages.close_all();
    CHECK_FALSE(f.locked(object));
}

TEST_CASE("seeded bug: a stray write to an object faults where it is done") {
    Fixture f;
    Object* object = f.slab.create();
    CHECK(fault_of([&] { *const_cast<volatile std::uint64_t*>(&object->number) = 1; }) == &object->number);
    CHECK(object->number == 0);
}

TEST_CASE("seeded bug: a second release tells slab, object and both places") {
    Fixture f;
    Object* object = f.slab.create();
    (void)f.slab.create();
    f.slab.destroy(*object);
    const std::string words = words_of([&] { f.slab.destroy(*object); });
    CHECK(words.starts_with("slab objects: object at 0x"));
    CHECK(words.find("is released twice, at slab_guard.cpp:") != std::string::npos);
    CHECK(words.find("first released at slab_guard.cpp:") != std::string::npos);
}

TEST_CASE("seeded bug: a write after the release is found by the check") {
    Fixture f;
    Object* object = f.slab.create();
    (void)f.slab.create();
    f.slab.destroy(*object);
    CHECK(f.problems() == 0);
    f.slab.use(*object, [](Object& freed) { freed.more[2] = 1; });
    CHECK(f.problems() == 1);
    CHECK(f.findings.first().kind == ProblemKind::damaged_slab);
    CHECK(f.findings.first().address == reinterpret_cast<std::uint64_t>(object));
    CHECK(f.findings.first().name == "objects");
    CHECK(f.findings.first().first_place.line() != 0);
}

TEST_CASE("seeded bug: a write after the release is found when the object is allocated again") {
    Fixture f;
    Object* object = f.slab.create();
    (void)f.slab.create();
    f.slab.destroy(*object);
    f.slab.use(*object, [](Object& freed) { freed.number = 1; });
    CHECK(words_of([&] { (void)f.slab.create(); }).find("was written to after its release") != std::string::npos);
}

TEST_CASE("a damaged header is found by the check") {
    Fixture f;
    Object* object = f.slab.create();
    (void)f.slab.create();
    f.slab.use(*object, [](Object& used) {
        const auto page = reinterpret_cast<std::uintptr_t>(&used) & ~(page_bytes - 1);
        reinterpret_cast<std::uint32_t*>(page)[8] += 1; // the count of objects in use
    });
    CHECK(f.problems() > 0);
}

TEST_CASE("random use of a guarded slab leaves it sound and locked") {
    Fixture f;
    std::vector<Object*> objects;
    std::uint32_t random = 1;
    for (int i = 0; i < 1200; ++i) {
        random = random * 1664525 + 1013904223;
        if ((random >> 16) % 100 < (i / 400 % 2 == 0 ? 70u : 30u) || objects.empty()) {
            objects.push_back(f.slab.create(Object{.number = random}));
            REQUIRE(objects.back() != nullptr);
        } else {
            std::swap(objects[(random >> 8) % objects.size()], objects.back());
            f.slab.destroy(*objects.back());
            objects.pop_back();
        }
    }
    CHECK(f.problems() == 0);
    CHECK(f.slab.objects() == objects.size());
    // Besides its own pages those of the machine's other slabs, which have no objects.
    CHECK(f.machine.paging.locked_count() == f.slab.pages());
}
