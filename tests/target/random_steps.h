// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// The steps of random_grants. One for which there is nothing at hand is left out.

#include "tests/target/random_stage.h"

namespace tessera::target::random {

// ---- grants and maps: random_grant_steps.cpp
void grant_own_memory(Stage& stage);
void grant_further(Stage& stage);
void grant_memory_of_user(Stage& stage);
void drop_grant(Stage& stage);
void revoke_maps(Stage& stage);
void revoke_range(Stage& stage);
void map(Stage& stage);
void unmap(Stage& stage);

// ---- contents: random_copy_steps.cpp
void write_word(Stage& stage);
void read_page(Stage& stage);
void renew_memory(Stage& stage);
void copy_by_kernel(Stage& stage);
void copy_by_vm(Stage& stage);

// ---- lives: random_life_steps.cpp
void fork_user(Stage& stage);
void end_user(Stage& stage);
void write_where_it_is_deadly(Stage& stage);
void restart_service(Stage& stage);

} // namespace tessera::target::random
