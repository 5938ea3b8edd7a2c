// SPDX-License-Identifier: BSD-3-Clause
#include "tests/target/random_steps.h"

namespace tessera::target::random {

namespace {

Death some_death(Stage& stage) { return stage.chance().one_in(2) ? Death::killed : Death::exits; }

} // namespace

// The child takes the place of another user process.
void fork_user(Stage& stage) {
    const Player parent = stage.any_of(users);
    const Player child = stage.any_of(users);
    if (parent == child) return;
    stage.end(child, some_death(stage));
    stage.fork(parent, child);
}

void end_user(Stage& stage) {
    const Player user = stage.any_of(users);
    stage.end(user, some_death(stage));
    stage.start(user);
}

// A page that it has by a map for reading, or had.
void write_where_it_is_deadly(Stage& stage) {
    const Player user = stage.any_of(users);
    for (std::uint64_t page = 0; page < pages_of_each; ++page) {
        if (includes(stage.model().page(user, page).protection, Protection::write)) continue;
        const auto written =
            stage.call<AccessWord>(user, {.address = address_of_page(page), .value = 1, .how = AccessWord::How::write});
        stage.agree(written.status(), Status::dead_endpoint);
        stage.bury(user);
        return stage.start(user);
    }
}

void restart_service(Stage& stage) {
    const Player service = stage.any_of(services);
    stage.restart(service, some_death(stage));
}

} // namespace tessera::target::random
