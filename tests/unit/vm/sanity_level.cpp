// SPDX-License-Identifier: BSD-3-Clause
#include "servers/vm/sanity_level.h"
#include <catch2/catch.hpp>

using tessera::vm::name_of;
using tessera::vm::sanity_level;
using tessera::vm::SanityLevel;

TEST_CASE("the boot command line chooses the sanity level") {
    CHECK(sanity_level("") == SanityLevel::none);
    CHECK(sanity_level("mode=open") == SanityLevel::none);
    CHECK(sanity_level("vm_sanity=top") == SanityLevel::top);
    CHECK(sanity_level("mode=open vm_sanity=functions start=x") == SanityLevel::functions);
    CHECK(sanity_level("vm_sanity=none vm_sanity=detail") == SanityLevel::detail);
    CHECK(sanity_level("vm_sanity=detail ") == SanityLevel::detail);
}

TEST_CASE("a level that does not exist is none") {
    CHECK(sanity_level("vm_sanity=details") == SanityLevel::none);
    CHECK(sanity_level("vm_sanity=") == SanityLevel::none);
    CHECK(sanity_level("xvm_sanity=top vm_sanity") == SanityLevel::none);
}

TEST_CASE("every level has its name") {
    for (const auto level : {SanityLevel::none, SanityLevel::top, SanityLevel::functions, SanityLevel::detail})
        CHECK(sanity_level("vm_sanity=" + std::string(name_of(level))) == level);
}
