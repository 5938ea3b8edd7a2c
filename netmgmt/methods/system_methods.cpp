// SPDX-License-Identifier: BSD-3-Clause
// system.*: the machine and the server as a whole.

#include "netmgmt/methods/describe.h"
#include "netmgmt/methods/greeting.h"
#include "netmgmt/methods/method_table.h"

namespace tessera::netmgmt {

template <> struct EnumNames<Firmware> {
    static constexpr std::array<std::string_view, 2> names{"bios", "uefi"};
};

namespace {

struct Ping {
    std::optional<std::string> payload;
};

struct Machine {
    std::string processor;
    std::vector<std::string> features;
};

struct Memory {
    ByteNumber total_bytes;
};

struct Boot {
    std::string command_line;
    Firmware firmware;
    AccessMode mode;
};

struct Information {
    std::string product;
    std::string version;
    std::string build;
    std::uint32_t protocol;
    Machine machine;
    Memory memory;
    Boot boot;
};

struct Limits {
    std::uint32_t line_bytes = limits::line_bytes;
    std::uint32_t reply_bytes = limits::reply_bytes;
    std::uint32_t nesting = limits::nesting;
    std::uint32_t values = limits::values;
    std::uint32_t string_bytes = limits::string_bytes;
    std::uint32_t id_bytes = limits::id_bytes;
    std::uint32_t batch = limits::batch;
    std::uint32_t page_items = limits::page_items;
    std::uint32_t requests_in_flight = limits::requests_in_flight;
    std::uint32_t connections = limits::connections;
    std::uint32_t unauthenticated_connections = limits::unauthenticated_connections;
    ByteNumber connection_bytes{limits::input_buffer_bytes + limits::output_buffer_bytes};
    ByteNumber all_connections_bytes{limits::connections * connection_bytes.value};
    std::uint32_t connections_open = 0;
    Counter connections_accepted;
    Counter connections_refused;
    Counter connections_timed_out;
    Counter lines;
    Counter lines_over_long;
};

struct Stopping {
    bool stopping = true;
};

struct Rebooting {
    bool rebooting = true;
};

} // namespace

template <> struct Shape<Ping> {
    static constexpr std::tuple members{
        optional_member("payload", &Ping::payload, "comes back as it is"),
    };
};

template <> struct Shape<Machine> {
    static constexpr std::tuple members{
        member("processor", &Machine::processor, "brand of the processor"),
        member("features", &Machine::features, "processor features in use"),
    };
};

template <> struct Shape<Memory> {
    static constexpr std::tuple members{member("total_bytes", &Memory::total_bytes, "as the loader reported it")};
};

template <> struct Shape<Boot> {
    static constexpr std::tuple members{
        member("command_line", &Boot::command_line, "of the kernel"),
        member("firmware", &Boot::firmware, ""),
        member("mode", &Boot::mode, "open: every session may do everything"),
    };
};

template <> struct Shape<Information> {
    static constexpr std::tuple members{
        member("product", &Information::product, ""),
        member("version", &Information::version, "of the product"),
        member("build", &Information::build, "which sources it was built from"),
        member("protocol", &Information::protocol, "version of this protocol"),
        member("machine", &Information::machine, ""),
        member("memory", &Information::memory, ""),
        member("boot", &Information::boot, ""),
    };
};

template <> struct Shape<Uptime> {
    static constexpr std::tuple members{
        member("nanoseconds", &Uptime::nanoseconds, "since kernel entry"),
        member("timestamp_counter", &Uptime::timestamp_counter, "now"),
        member("boot_to_listening", &Uptime::boot_to_listening, "from kernel entry until the port first listened"),
    };
};

template <> struct Shape<Limits> {
    static constexpr std::tuple members{
        member("line_bytes", &Limits::line_bytes, "of a line to the server, without its end"),
        member("reply_bytes", &Limits::reply_bytes, "of a line from the server; pages are cut to fit"),
        member("nesting", &Limits::nesting, "objects and arrays inside each other"),
        member("values", &Limits::values, "in one line"),
        member("string_bytes", &Limits::string_bytes, "of a string or key"),
        member("id_bytes", &Limits::id_bytes, "of an id that is a string"),
        member("batch", &Limits::batch, "calls in one line"),
        member("page_items", &Limits::page_items, "items on one page"),
        member("requests_in_flight", &Limits::requests_in_flight,
               "lines waiting on one connection before reading pauses"),
        member("connections", &Limits::connections, "at once"),
        member("unauthenticated_connections", &Limits::unauthenticated_connections, "at once, in locked mode"),
        member("connection_bytes", &Limits::connection_bytes, "buffers of one connection"),
        member("all_connections_bytes", &Limits::all_connections_bytes, "buffers of all connections, at most"),
        member("connections_open", &Limits::connections_open, "now"),
        member("connections_accepted", &Limits::connections_accepted, "since netmgmt started"),
        member("connections_refused", &Limits::connections_refused, "because there were too many"),
        member("connections_timed_out", &Limits::connections_timed_out, "because the peer was silent or too slow"),
        member("lines", &Limits::lines, "received"),
        member("lines_over_long", &Limits::lines_over_long, "received and skipped"),
    };
};

template <> struct Shape<Stopping> {
    static constexpr std::tuple members{member("stopping", &Stopping::stopping, "")};
};

template <> struct Shape<Rebooting> {
    static constexpr std::tuple members{member("rebooting", &Rebooting::rebooting, "")};
};

namespace {

Outcome<Identity> hello(Call& call, const Nothing&) { return call.identity; }

Outcome<Ping> ping(Call&, const Ping& parameters) { return parameters; }

Outcome<Information> info(Call& call, const Nothing&) {
    return from_system(call.system.machine.info()).transform([&](const MachineInfo& machine) {
        const Identity& identity = call.identity;
        return Information{identity.product,
                           identity.version,
                           identity.build,
                           identity.protocol,
                           {machine.processor, machine.processor_features},
                           {machine.memory},
                           {machine.command_line, machine.firmware, identity.mode}};
    });
}

Outcome<Uptime> uptime(Call& call, const Nothing&) { return from_system(call.system.machine.uptime()); }

Outcome<Limits> show_limits(Call& call, const Nothing&) {
    Limits result;
    result.connections_open = call.peers.connections_open;
    result.connections_accepted = call.peers.connections_accepted;
    result.connections_refused = call.peers.connections_refused;
    result.connections_timed_out = call.peers.connections_timed_out;
    result.lines = call.peers.lines;
    result.lines_over_long = call.peers.lines_over_long;
    return result;
}

Outcome<Nothing> plan_stop(Call& call, MachineStop how) {
    auto allowed = done(call.system.machine.may_stop());
    if (allowed) call.stop_after_reply = how;
    return allowed;
}

Outcome<Stopping> shutdown(Call& call, const Nothing&) {
    return plan_stop(call, MachineStop::power_off).transform([](Nothing) { return Stopping{}; });
}

Outcome<Rebooting> reboot(Call& call, const Nothing&) {
    return plan_stop(call, MachineStop::restart).transform([](Nothing) { return Rebooting{}; });
}

constexpr std::array stop_errors{
    ErrorCase{ErrorCode::refused, "EPERM", "netmgmt was not given this right"},
};

constexpr std::array table{
    method<&hello>({
        .name = "system.hello",
        .summary = "What the greeting said",
        .role = Role::none,
        .example = {"{}", R"({"product":"Tessera","version":"0.1.0","protocol":1,"build":"a050edf","mode":"open",)"
                          R"("features":["batch","fields","paging"]})"},
    }),
    method<&ping>({
        .name = "system.ping",
        .summary = "Answers at once, before whatever is queued on the connection",
        .role = Role::none,
        .example = {R"({"payload":"are you there?"})", R"({"payload":"are you there?"})"},
    }),
    method<&info>({
        .name = "system.info",
        .summary = "Product, machine, memory and how it was booted",
        .asks = "kernel",
        .example = {"{}", R"({"product":"Tessera","version":"0.1.0","build":"a050edf","protocol":1,)"
                          R"("machine":{"processor":"QEMU TCG CPU version 2.5+","features":["nx","smep"]},)"
                          R"("memory":{"total_bytes":134086656},)"
                          R"("boot":{"command_line":"mode=open","firmware":"bios","mode":"open"}})"},
    }),
    method<&uptime>({
        .name = "system.uptime",
        .summary = "How long the system runs, and how long it took to get here",
        .asks = "kernel",
        .example = {"{}", R"({"nanoseconds":"5000000000","timestamp_counter":"5000000000",)"
                          R"("boot_to_listening":"310000000"})"},
    }),
    method<&show_limits>({
        .name = "system.limits",
        .summary = "Every limit of this protocol, and what peers hold and did",
        .example = {"{}", R"({"line_bytes":65536,"reply_bytes":262144,"nesting":32,"values":4096,"string_bytes":4096,)"
                          R"("id_bytes":64,"batch":64,"page_items":1024,"requests_in_flight":16,"connections":16,)"
                          R"("unauthenticated_connections":4,"connection_bytes":376832,)"
                          R"("all_connections_bytes":6029312,"connections_open":1,"connections_accepted":"7",)"
                          R"("connections_refused":"0","connections_timed_out":"0","lines":"41",)"
                          R"("lines_over_long":"0"})"},
    }),
    method<&shutdown>({
        .name = "system.shutdown",
        .summary = "Switches the machine off, after the reply was sent",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "kernel",
        .errors = stop_errors,
        .example = {"{}", R"({"stopping":true})"},
    }),
    method<&reboot>({
        .name = "system.reboot",
        .summary = "Starts the machine anew, after the reply was sent",
        .role = Role::operate,
        .effect = Effect::changes_state,
        .asks = "kernel",
        .errors = stop_errors,
        .example = {"{}", R"({"rebooting":true})"},
    }),
};

} // namespace

std::span<const Method> system_methods() { return table; }

} // namespace tessera::netmgmt
