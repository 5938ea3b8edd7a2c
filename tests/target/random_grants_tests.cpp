// SPDX-License-Identifier: BSD-3-Clause
// Random grants, maps, copies, forks and deaths of processes that run, compared with a model after each step. The same
// seed makes the same steps (random_grants_seed=N); there are as many as random_grants_steps=N says.

#include "servers/runtime/log_format.h"
#include "tests/target/random_steps.h"
#include <array>
#include <map>

namespace tessera::target {

namespace {

using namespace random;

struct Kind {
    std::string_view name;
    std::uint64_t weight;
    void (*perform)(Stage& stage);
};

constexpr std::array kinds{
    Kind{"grant", 16, grant_own_memory},
    Kind{"grant_further", 16, grant_further},
    Kind{"grant_magic", 12, grant_memory_of_user},
    Kind{"drop", 6, drop_grant},
    Kind{"revoke", 5, revoke_maps},
    Kind{"revoke_range", 4, revoke_range},
    Kind{"safemap", 50, map},
    Kind{"safeunmap", 8, unmap},
    Kind{"renew", 4, renew_memory},
    Kind{"write", 56, write_word},
    Kind{"read", 28, read_page},
    Kind{"copy", 26, copy_by_kernel},
    Kind{"shared_copy", 30, copy_by_vm},
    Kind{"fork", 5, fork_user},
    Kind{"death", 2, end_user},
    Kind{"deadly_write", 2, write_where_it_is_deadly},
    Kind{"restart", 1, restart_service},
};

constexpr std::uint64_t steps_between_comparisons = 128;

class Run {
public:
    Run(Environment& environment, std::uint64_t seed) : stage_(environment, seed) {}

    void perform(std::uint64_t steps) {
        for (std::uint64_t i = 0; i < steps; ++i) {
            step();
            if (i % steps_between_comparisons == 0) stage_.compare_all();
        }
        stage_.compare_all();
    }

    // How many steps there were of each kind, and how many of them were refused for which reason.
    void report() const {
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            std::string text = std::format("random_grants: {}: {}", kinds[i].name, done_[i]);
            for (const auto& [status, count] : refused_[i]) text += std::format(", {} {}", count, status_name(status));
            log_info("{}", text);
        }
    }

private:
    void step() {
        const std::size_t kind = some_kind();
        stage_.begin_step(kinds[kind].name);
        kinds[kind].perform(stage_);
        ++done_[kind];
        if (const Status answer = stage_.answer(); answer != Status::ok) ++refused_[kind][answer];
    }
    std::size_t some_kind() {
        std::uint64_t all = 0;
        for (const Kind& kind : kinds) all += kind.weight;
        std::uint64_t chosen = stage_.chance().below(all);
        std::size_t kind = 0;
        for (; chosen >= kinds[kind].weight; ++kind) chosen -= kinds[kind].weight;
        return kind;
    }

    Stage stage_;
    std::array<std::uint64_t, kinds.size()> done_{};
    std::array<std::map<Status, std::uint64_t>, kinds.size()> refused_;
};

void agree_with_a_model(Environment& environment) {
    const Settings& settings = environment.settings;
    log_info("random_grants: seed {}, {} steps", settings.random_grants_seed, settings.random_grants_steps);
    Run run(environment, settings.random_grants_seed);
    run.perform(settings.random_grants_steps);
    run.report();
}

constexpr std::array tests{Test{"random_grants", agree_with_a_model}};

} // namespace

std::span<const Test> random_grants_tests() { return tests; }

} // namespace tessera::target
