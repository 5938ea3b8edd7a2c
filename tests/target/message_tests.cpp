// SPDX-License-Identifier: BSD-3-Clause
// Messages between processes, and every refusal.

#include "kernel/abi/calls/time_and_log.h"
#include "servers/runtime/clock.h"
#include "tests/target/child.h"
#include "tests/target/partner.h"
#include "tests/target/test.h"
#include "tests/target/wide_vectors.h"
#include <array>
#include <emmintrin.h>

namespace tessera::target {

namespace {

Endpoint assistant_of(Environment& environment) { return require_value(environment.assistant.endpoint()); }

Endpoint own_endpoint() {
    using namespace protocol::rs;
    return require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs, {.label = Name("target_tests"), .wait = {}}))
        .endpoint;
}

void eight_words_both_ways(Environment& environment) {
    Echo::Request request{};
    for (std::size_t i = 0; i < request.words.size(); ++i) request.words[i] = 0x1111'1111'1111'1111 * (i + 1);
    const auto reply = require_value(environment.assistant.call<Echo>(request));
    require(reply.words == request.words, "the words came back");
}

void many_round_trips(Environment& environment) {
    for (std::uint64_t i = 0; i < 1000; ++i)
        require_equal(require_value(environment.assistant.call<Echo>({.words = {i}})).words[0], i, "word");
}

void vector_registers_survive(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    alignas(16) std::array<std::uint32_t, 4> kept{1, 2, 3, 4};
    alignas(16) std::array<std::uint32_t, 4> seen{};
    Message message;
    message.words[0] = AssistantProtocol::number<ScrambleRegisters>;
    std::uint64_t peer = assistant.value();
    asm volatile("movdqa %0, %%xmm9\n\tmovdqa %0, %%xmm15" : : "m"(kept) : "xmm9", "xmm15");
    const auto status = detail::trap(static_cast<std::uint64_t>(Primitive::send_receive), peer, message);
    asm volatile("paddd %%xmm15, %%xmm9\n\tmovdqa %%xmm9, %0" : "=m"(seen) : : "xmm9");
    require_equal(status, 0, "status");
    for (std::size_t i = 0; i < seen.size(); ++i) require_equal(seen[i], 2 * kept[i], "element");
}

// The upper halves too, where the processor has them.
void wide_vector_registers_survive(Environment& environment) {
    if (!has_wide_vectors()) return;
    const Endpoint assistant = assistant_of(environment);
    alignas(32) std::array<std::uint32_t, 8> kept{1, 2, 3, 4, 5, 6, 7, 8};
    alignas(32) std::array<std::uint32_t, 8> seen{};
    Message message;
    message.words[0] = AssistantProtocol::number<ScrambleRegisters>;
    std::uint64_t peer = assistant.value();
    asm volatile("vmovdqa %0, %%ymm9\n\tvmovdqa %0, %%ymm15" : : "m"(kept) : "xmm9", "xmm15");
    const auto status = detail::trap(static_cast<std::uint64_t>(Primitive::send_receive), peer, message);
    asm volatile("vandps %%ymm15, %%ymm9, %%ymm9\n\tvmovdqa %%ymm9, %0\n\tvzeroupper" : "=m"(seen) : : "xmm9");
    require_equal(status, 0, "status");
    for (std::size_t i = 0; i < seen.size(); ++i) require_equal(seen[i], kept[i], "element");
}

// What no primitive promises to change must be as it was, whichever way through the kernel it went.
void other_registers_survive(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    const Endpoint stale(assistant.slot(), assistant.generation() + 1);
    constexpr std::uint64_t kept = 0x5e17'a11e'0000'0001;
    for (const auto operation : {Primitive::send, Primitive::receive, Primitive::send_receive, Primitive::notify,
                                 Primitive::send_nonblocking, Primitive::kernel_call}) {
        for (const Endpoint endpoint : {stale, endpoints::none, own_endpoint(), assistant}) {
            if (endpoint == assistant && operation != Primitive::send_receive && operation != Primitive::kernel_call)
                continue;
            std::uint64_t rax = static_cast<std::uint64_t>(operation), rdi = endpoint.value();
            std::uint64_t rsi = AssistantProtocol::number<ScrambleRegisters>;
            std::uint64_t changed = 0;
            asm volatile("pushq %%rbx\n\tpushq %%rbp\n\tpushq %%r15\n\t"
                         "movq %[kept], %%rbx\n\tmovq %[kept], %%rbp\n\tmovq %[kept], %%r15\n\t"
                         "syscall\n\t"
                         "movabsq %[kept_again], %%rcx\n\t"
                         "xorq %%rcx, %%rbx\n\txorq %%rcx, %%rbp\n\txorq %%rcx, %%r15\n\t"
                         "orq %%rbp, %%rbx\n\torq %%r15, %%rbx\n\tmovq %%rbx, %%r11\n\t"
                         "popq %%r15\n\tpopq %%rbp\n\tpopq %%rbx\n\tmovq %%r11, %%rcx"
                         : "+a"(rax), "+D"(rdi), "+S"(rsi), "=&c"(changed)
                         : [kept] "d"(kept), [kept_again] "i"(kept)
                         : "r8", "r9", "r10", "r11", "r12", "r13", "r14", "memory", "cc");
            require_equal(changed, std::uint64_t{0},
                          std::format("primitive {} to {:#x}", static_cast<unsigned>(operation), endpoint.value()));
        }
    }
}

// Whichever way one sends to it.
void require_refused(Endpoint endpoint, Status expected) {
    const std::string name = std::format("endpoint {:#x}", endpoint.value());
    require_status(send(endpoint, {}).status(), expected, name);
    require_status(send_nonblocking(endpoint, {}).status(), expected, name);
    require_status(send_receive(endpoint, {}).status(), expected, name);
    require_status(send_asynchronous(endpoint, {}).status(), expected, name);
    require_status(notify(endpoint).status(), expected, name);
}

void dead_endpoints(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    const Endpoint stale(assistant.slot(), assistant.generation() + 1);
    for (const Endpoint endpoint : {stale, endpoints::none, Endpoint(3000, 1)}) {
        require_refused(endpoint, Status::dead_endpoint);
        require_status(receive(endpoint).status(), Status::dead_endpoint, "receive");
    }
}

void special_endpoints(Environment&) {
    for (const Endpoint endpoint :
         {endpoints::any, endpoints::self, endpoints::kernel, endpoints::hardware, endpoints::clock})
        require_refused(endpoint, Status::invalid);
}

// The console is not in the tests' configuration.
void services_out_of_bounds(Environment&) {
    using namespace protocol::rs;
    const auto console =
        runtime::call<RsProtocol, Lookup>(endpoints::rs, {.label = Name("console"), .wait = LookupWait::until_running});
    const Endpoint endpoint = require_value(console).endpoint;
    require_refused(endpoint, Status::call_denied);
}

void to_oneself(Environment&) {
    const Endpoint self = own_endpoint();
    require_status(receive(self).status(), Status::locked, "receive from oneself");
    const Status sent = send(self, {}).status();
    require(sent == Status::locked || sent == Status::call_denied, "a send to oneself is refused");
}

// After its answer the assistant is blocked: it sends to us.
void deadlock_is_refused(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    require_value(environment.assistant.call<SendBack>());
    wait_until_blocked_by(assistant, Blocker::sending);
    require_status(send_nonblocking(assistant, {}).status(), Status::not_ready);
    require_status(send(assistant, {}).status(), Status::locked);
    require_status(send_receive(assistant, {}).status(), Status::locked);
    for (std::uint64_t expected = 1; expected <= 3; ++expected) {
        const auto received = require_value(receive(assistant));
        require(received.source == assistant && received.kind == MessageKind::message, "a message of the assistant");
        require_equal(received.message.words[0], expected, "the order of messages");
    }
    require_value(environment.assistant.call<Echo>());
}

void notifications_merge(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    require_value(environment.assistant.call<NotifyBack>({.times = 5}));
    const auto first = require_value(receive(assistant));
    require(first.kind == MessageKind::notification, "a notification");
    require(unpack<NotificationMessage>(first.message).timestamp != 0, "with its time");
    // No second one: the next thing that arrives is the alarm.
    require_value(kernel_call<kernel_calls::AlarmSet>({.deadline = now() + milliseconds(5)}));
    require(require_value(receive()).source == endpoints::clock, "five notifications are one");
}

// A reply never meets a notification: send_receive takes the answer only.
void notification_waits_for_the_answer(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    for (int i = 0; i < 10; ++i) {
        const auto reply = environment.assistant.call<NotifyBack>({.times = 1});
        require_status(reply.status(), Status::ok);
        require(require_value(receive(assistant)).kind == MessageKind::notification, "the notification after it");
    }
}

void unknown_operations(Environment& environment) {
    const Endpoint assistant = assistant_of(environment);
    for (const std::uint64_t word : {std::uint64_t{0}, ~std::uint64_t{0}, AssistantProtocol::number<Echo> + 1000}) {
        const Message answer = require_value(send_receive(assistant, {.words = {word}}));
        require_equal(static_cast<std::int64_t>(answer.words[0]), -static_cast<std::int64_t>(Status::bad_call),
                      "answer");
    }
}

// Requests that no client stub would make, to every server that we may call.
void servers_survive_nonsense(Environment& environment) {
    using namespace protocol::rs;
    for (const std::string_view label : {"vm", "rs", "ds", "pm"}) {
        const Endpoint server =
            require_value(runtime::call<RsProtocol, Lookup>(endpoints::rs,
                                                            {.label = Name(label), .wait = LookupWait::until_running}))
                .endpoint;
        for (std::uint64_t id = 0; id < 7; ++id)
            for (const std::uint64_t operation : {std::uint64_t{99}, std::uint64_t{0xffff}}) {
                Message message{.words = {id << 16 | operation, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull}};
                const Message answer = require_value(send_receive(server, message));
                require(static_cast<std::int64_t>(answer.words[0]) < 0, "refused");
            }
        require_value(send_receive(server, {}));
    }
    require_value(environment.assistant.call<Echo>());
}

constexpr std::array tests{
    Test{"message.eight_words", eight_words_both_ways},
    Test{"message.many_round_trips", many_round_trips},
    Test{"message.vector_registers", vector_registers_survive},
    Test{"message.wide_vector_registers", wide_vector_registers_survive},
    Test{"message.other_registers", other_registers_survive},
    Test{"message.dead_endpoints", dead_endpoints},
    Test{"message.special_endpoints", special_endpoints},
    Test{"message.call_denied", services_out_of_bounds},
    Test{"message.to_oneself", to_oneself},
    Test{"message.deadlock", deadlock_is_refused},
    Test{"message.notifications_merge", notifications_merge},
    Test{"message.notification_after_answer", notification_waits_for_the_answer},
    Test{"message.unknown_operations", unknown_operations},
    Test{"message.nonsense_to_servers", servers_survive_nonsense},
};

} // namespace

std::span<const Test> message_tests() { return tests; }

} // namespace tessera::target
