// SPDX-License-Identifier: BSD-3-Clause
// Who may call whom, over all configuration files.

#include "servers/configuration/call_graph.h"
#include <catch2/catch.hpp>

using namespace tessera;
using namespace tessera::configuration;

namespace {

ServiceConfiguration service(std::string_view label, std::uint8_t priority,
                             std::initializer_list<std::string_view> may_call = {},
                             std::initializer_list<std::string_view> may_notify = {}) {
    ServiceConfiguration result;
    result.label = Name(label);
    result.priority = priority;
    result.may_call.assign(may_call.begin(), may_call.end());
    result.may_notify.assign(may_notify.begin(), may_notify.end());
    return result;
}

} // namespace

TEST_CASE("call graph: calls to more important services are fine") {
    const std::vector services{service("ds", 3), service("e1000", 5, {}, {"netmgmt", "users"}),
                               service("netmgmt", 9, {"ds", "e1000", "vm", "rs"})};
    CHECK(call_graph_problems(services).empty());
}

TEST_CASE("call graph: a call to a less important service is inverted") {
    const std::vector services{service("ds", 3, {"netmgmt"}), service("netmgmt", 9)};
    const auto problems = call_graph_problems(services);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0] == "ds.conf: may_call: \"netmgmt\" (priority 9) is not more important than \"ds\" (priority 3)");
}

TEST_CASE("call graph: a call between equals is inverted, so that no circle can close") {
    const std::vector services{service("a", 4, {"b"}), service("b", 4)};
    CHECK(call_graph_problems(services).size() == 1);
}

TEST_CASE("call graph: unknown labels are found in both lists") {
    const std::vector services{service("a", 4, {"gone"}, {"missing"})};
    const auto problems = call_graph_problems(services);
    REQUIRE(problems.size() == 2);
    CHECK(problems[0] == "a.conf: may_call: there is no service \"gone\"");
    CHECK(problems[1] == "a.conf: may_notify: there is no service \"missing\"");
}

TEST_CASE("call graph: labels are unique, and not those of VM and RS") {
    CHECK(call_graph_problems(std::vector{service("a", 4), service("a", 5)}).size() == 2);
    CHECK(call_graph_problems(std::vector{service("vm", 4)}).size() == 1);
}
