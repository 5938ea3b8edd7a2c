// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/verbs/read_methods.h"

#include <array>

namespace tessera::tess {

namespace {

using MemberName = std::string_view;

constexpr std::array<MemberName, 5> info_members{"product", "version", "machine", "memory", "boot"};
constexpr std::array<MemberName, 3> uptime_members{"nanoseconds", "timestamp_counter", "boot_to_listening"};
constexpr std::array<MemberName, 6> process_members{"endpoint", "name",           "state",
                                                    "priority", "processor_time", "messages"};
constexpr std::array<MemberName, 5> stats_members{"page_bytes", "total_pages", "free_pages", "kernel_pages", "faults"};
constexpr std::array<MemberName, 4> group_members{"reason", "processes", "pages", "shared_memory"};
constexpr std::array<MemberName, 4> run_members{"reason", "processes", "start", "pages"};
constexpr std::array<MemberName, 2> free_members{"base", "pages"};
constexpr std::array<MemberName, 4> entry_members{"key", "type", "owner", "value"};
constexpr std::array<MemberName, 9> grant_members{"grantor", "grantee", "grant", "kind",       "rights",
                                                  "address", "bytes",   "uses",  "soft_faults"};
constexpr std::array<MemberName, 6> map_members{"grantee", "address", "bytes", "owner", "source", "hops"};
constexpr std::array<MemberName, 4> graph_members{"nodes", "grants", "maps", "left_out"};
constexpr std::array<MemberName, 5> service_members{"label", "endpoint", "state", "restarts", "restart_policy"};
constexpr std::array<MemberName, 4> counters_members{"messages", "kernel_calls", "context_switches", "calls"};
constexpr std::array<MemberName, 5> log_members{"sequence", "nanoseconds", "level", "source", "text"};
constexpr std::array<MemberName, 5> call_members{"name", "count", "errors", "timed", "buckets"};
constexpr std::array<MemberName, 4> pair_members{"from", "to", "messages", "notifications"};
constexpr std::array<MemberName, 5> trace_members{"sequence", "ticks", "kind", "what", "status"};
constexpr std::array<MemberName, 1> models_members{"models"};
constexpr std::array<MemberName, 4> fault_members{"fault", "target", "model", "state"};

constexpr std::array without_parameters{
    ReadMethod{"system.info", ResultShape::object, info_members},
    ReadMethod{"system.uptime", ResultShape::object, uptime_members},
    ReadMethod{"process.list", ResultShape::list, process_members},
    ReadMethod{"vm.stats", ResultShape::object, stats_members},
    ReadMethod{"vm.shares", ResultShape::list, group_members},
    ReadMethod{"vm.share_runs", ResultShape::list, run_members},
    ReadMethod{"vm.free", ResultShape::list, free_members},
    ReadMethod{"ds.list", ResultShape::list, entry_members},
    ReadMethod{"grant.list", ResultShape::list, grant_members},
    ReadMethod{"grant.maps", ResultShape::list, map_members},
    ReadMethod{"grant.graph", ResultShape::object, graph_members},
    ReadMethod{"service.list", ResultShape::list, service_members},
    ReadMethod{"kernel.counters", ResultShape::object, counters_members},
    ReadMethod{"kernel.calls", ResultShape::list, call_members},
    ReadMethod{"kernel.messages", ResultShape::list, pair_members},
    ReadMethod{"trace.read", ResultShape::list, trace_members},
    ReadMethod{"log.read", ResultShape::list, log_members},
    ReadMethod{"fault.models", ResultShape::object, models_members},
    ReadMethod{"fault.list", ResultShape::list, fault_members},
};

constexpr std::array<MemberName, 4> process_details_members{"endpoint", "privileges", "instruction_pointer",
                                                            "kernel_calls"};
constexpr std::array<MemberName, 4> space_members{"endpoint", "virtual_bytes", "resident_pages", "regions"};
constexpr std::array<MemberName, 4> region_members{"start", "bytes", "kind", "resident_pages"};

constexpr std::array of_a_process{
    ReadMethod{"process.get", ResultShape::object, process_details_members},
    ReadMethod{"vm.process", ResultShape::object, space_members},
    ReadMethod{"vm.regions", ResultShape::list, region_members},
};

} // namespace

std::span<const ReadMethod> read_methods() { return without_parameters; }

std::span<const ReadMethod> read_methods_of_a_process() { return of_a_process; }

} // namespace tessera::tess
