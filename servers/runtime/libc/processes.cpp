// SPDX-License-Identifier: BSD-3-Clause
// fork, execve, wait4, waitid and the numbers of processes, by way of PM.

#include "kernel/abi/calls/processes.h"
#include "kernel/abi/signals.h"
#include "servers/runtime/libc/linux.h"
#include "servers/runtime/libc/process_manager.h"
#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <sys/wait.h>

namespace tessera::libc {

namespace {

using namespace protocol::pm;

constinit ProcessManager connection{"pm"};

constexpr LinuxResult no_child = -10; // ECHILD

Endpoint own_endpoint() {
    const auto reply = kernel_call<kernel_calls::OwnEndpoint>({});
    return reply.has_value() ? reply->endpoint : endpoints::none;
}

} // namespace

ProcessManager& process_manager() { return connection; }

LinuxResult own_process_id() { return id_of(own_endpoint()).value; }

// That of a process without a parent is RS's, which starts all that nobody else does.
LinuxResult parent_process_id() {
    const auto reply = process_manager().call<Identify>();
    return reply.has_value() && reply->parent_id != 0 ? reply->parent_id : id_of(endpoints::rs).value;
}

// Whoever was to get an answer of a PM that died gets an error: the parent, and the child if there is one already. It
// must not go on as a second parent.
LinuxResult fork_process() {
    flush_output(); // or else both write what is there
    const Endpoint parent = own_endpoint();
    const auto reply = process_manager().call<Fork>();
    if (reply.has_value()) return reply->process_id;
    if (reply.error() != Status::dead_endpoint) return linux_error(reply.error());
    if (own_endpoint() != parent) (void)kernel_call<kernel_calls::Exit>({.exit_status = 1});
    return linux_error(Status::try_again);
}

namespace {

// There is one directory of programs, the boot archive. What PATH searches and the shell's habit name it, too.
std::string_view program_name(std::string_view path) {
    for (const std::string_view directory : {"/bin/", "./", "/"})
        if (path.starts_with(directory)) return path.substr(directory.size());
    return path;
}

// The strings of an argument list, one behind the other, each with its NUL.
class ArgumentBlock {
public:
    // The number of strings. too_big.
    Result<std::uint32_t> append(const char* const* strings) {
        std::uint32_t count = 0;
        for (; strings != nullptr && strings[count] != nullptr; ++count) {
            const std::size_t bytes = std::strlen(strings[count]) + 1;
            if (bytes > block_.size() - used_) return Status::too_big;
            std::memcpy(block_.data() + used_, strings[count], bytes);
            used_ += bytes;
        }
        return count;
    }
    std::span<const char> bytes() const { return std::span(block_).first(used_); }

private:
    std::array<char, argument_bytes_limit> block_; // uninitialised: most of it is never used
    std::size_t used_ = 0;
};

Result<Exec::Request> exec_request(const Arguments& arguments, ArgumentBlock& block) {
    const std::string_view program = program_name(reinterpret_cast<const char*>(arguments.a));
    const Name name(program);
    if (program.empty() || name.view() != program) return Status::no_entry;
    const auto count = TESSERA_TRY(block.append(reinterpret_cast<const char* const*>(arguments.b)));
    TESSERA_TRY(block.append(reinterpret_cast<const char* const*>(arguments.c)));
    return Exec::Request{.program = name,
                         .arguments = {reinterpret_cast<std::uint64_t>(block.bytes().data())},
                         .argument_bytes = static_cast<std::uint32_t>(block.bytes().size()),
                         .argument_count = count};
}

} // namespace

LinuxResult execute_program(const Arguments& arguments) {
    if (arguments.a == 0) return linux_error(Status::bad_address);
    ArgumentBlock block;
    const auto request = exec_request(arguments, block);
    if (!request.has_value()) return linux_error(request.error());
    flush_output();
    return linux_error(process_manager().call<Exec>(*request).status());
}

namespace {

// A PM that dies meanwhile has kept the child: its successor is asked again.
Result<Wait::Reply> wait_for(const Wait::Request& request) {
    for (const RestartScope scope;;) {
        auto reply = process_manager().call<Wait>(request);
        const bool again =
            reply.status() == Status::dead_endpoint || (reply.status() == Status::interrupted && scope.restarts());
        if (!again) return reply;
    }
}

WaitTime time_of(long options) { return (options & WNOHANG) != 0 ? WaitTime::none : WaitTime::until_death; }

LinuxResult wait_error(Status status) { return status == Status::no_such ? no_child : linux_error(status); }

// The word that WIFEXITED and its like take apart.
int status_word(const Wait::Reply& death) {
    const Signal signal = signal_of(death.cause, death.detail);
    if (signal != Signal::none) return static_cast<int>(signal);
    return static_cast<int>(death.detail & 0xff) << 8;
}

void describe(const Wait::Reply& death, siginfo_t& information) {
    information = {};
    if (death.process_id == 0) return;
    const Signal signal = signal_of(death.cause, death.detail);
    information.si_signo = SIGCHLD;
    information.si_code = signal == Signal::none ? CLD_EXITED : CLD_KILLED;
    information.si_pid = static_cast<pid_t>(death.process_id);
    information.si_status = signal == Signal::none ? static_cast<int>(death.detail & 0xff) : static_cast<int>(signal);
}

} // namespace

// There are no process groups, and so one: the child of number 0 is any, and that of a negative one is nobody's. What a
// child used of the machine is not told.
LinuxResult wait_for_child(const Arguments& arguments) {
    const auto [child, status, options, usage, _1, _2] = arguments;
    if (usage != 0) return linux_error(Status::not_implemented);
    if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED)) != 0) return linux_error(Status::invalid);
    if (child < -1) return no_child;
    const auto id = static_cast<std::uint32_t>(child > 0 ? child : 0);
    const auto death = wait_for({.process_id = id, .time = time_of(options), .purpose = WaitFor::forget});
    if (!death.has_value()) return wait_error(death.error());
    if (death->process_id != 0 && status != 0) *reinterpret_cast<int*>(status) = status_word(*death);
    return death->process_id;
}

LinuxResult wait_for_child_state(const Arguments& arguments) {
    const auto [type, id, information, options, usage, _1] = arguments;
    if (usage != 0) return linux_error(Status::not_implemented);
    constexpr long known = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED;
    if ((options & ~known) != 0 || (options & WEXITED) == 0) return linux_error(Status::invalid);
    if (type != P_ALL && (type != P_PID || id <= 0)) return linux_error(Status::invalid);
    const auto child = static_cast<std::uint32_t>(type == P_PID ? id : 0);
    const auto purpose = (options & WNOWAIT) != 0 ? WaitFor::look : WaitFor::forget;
    const auto death = wait_for({.process_id = child, .time = time_of(options), .purpose = purpose});
    if (!death.has_value()) return wait_error(death.error());
    if (information != 0) describe(*death, *reinterpret_cast<siginfo_t*>(information));
    return 0;
}

} // namespace tessera::libc
