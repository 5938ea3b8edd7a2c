// SPDX-License-Identifier: BSD-3-Clause
// The assistant: a process that does what the target tests tell it, well or badly.

#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/given_grant.h"
#include "servers/runtime/server.h"
#include "tests/target/assistant_memory.h"
#include "tests/target/misbehaviour.h"
#include "tests/target/wide_vectors.h"
#include <cstring>
#include <emmintrin.h>
#include <numeric>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace tessera;
using namespace tessera::target;

namespace {

[[gnu::noinline]] void use_stack() {
    std::array<volatile std::uint8_t, 512 * 1024> room;
    for (std::size_t i = 0; i < room.size(); i += page_bytes) room[i] = 1;
}

class Assistant : public AssistantMemory {
public:
    using AssistantMemory::handle;

    Outcome<Misbehave> handle(Misbehave, const Misbehave::Request& request, Endpoint) {
        if (request.delay_milliseconds == 0) misbehave(request.how);
        planned_ = request;
        return Nothing{};
    }

    Outcome<Echo> handle(Echo, const Echo::Request& request, Endpoint) { return request; }

    Outcome<UseGrant> handle(UseGrant, const UseGrant::Request& request, Endpoint) {
        std::memset(buffer_.data(), static_cast<int>(request.fill), buffer_.size());
        const runtime::GivenGrant grant(request.grantor, request.grant);
        std::byte* const own = own_memory(request.own);
        const Status status = request.direction == UseGrant::Direction::from
                                  ? grant.read(request.offset, {own, request.bytes}).status()
                                  : grant.write(request.offset, {own, request.bytes}).status();
        const std::uint64_t copied = std::min<std::uint64_t>(request.bytes, buffer_.size());
        return UseGrant::Reply{
            .status = status,
            .sum = std::accumulate(buffer_.begin(), buffer_.begin() + static_cast<long>(copied), std::uint64_t{0})};
    }

    Outcome<SendBack> handle(SendBack, const Nothing&, Endpoint caller) {
        send_to_ = caller;
        return Nothing{};
    }

    Outcome<NotifyBack> handle(NotifyBack, const NotifyBack::Request& request, Endpoint caller) {
        for (std::uint64_t i = 0; i < request.times; ++i) (void)notify(caller);
        return Nothing{};
    }

    Outcome<ScrambleRegisters> handle(ScrambleRegisters, const Nothing&, Endpoint) {
        if (has_wide_vectors())
            asm volatile("vpcmpeqd %%xmm8, %%xmm8, %%xmm8\n\tvinsertf128 $1, %%xmm8, %%ymm9, %%ymm9\n\t"
                         "vinsertf128 $1, %%xmm8, %%ymm15, %%ymm15"
                         :
                         :
                         : "xmm8", "xmm9", "xmm15");
        const __m128i pattern = _mm_set1_epi32(-1);
        asm volatile("movdqa %0, %%xmm8\n\tmovdqa %0, %%xmm9\n\tmovdqa %0, %%xmm14\n\tmovdqa %0, %%xmm15"
                     :
                     : "x"(pattern)
                     : "xmm8", "xmm9", "xmm14", "xmm15");
        use_stack();
        return Nothing{};
    }

    Outcome<TryKernelCall> handle(TryKernelCall, const TryKernelCall::Request& request, Endpoint) {
        Message message;
        std::uint64_t peer = endpoints::kernel.value();
        const std::int64_t status = detail::trap(request.number << 8, peer, message);
        return TryKernelCall::Reply{static_cast<Status>(-status)};
    }

    Outcome<TryPrimitive> handle(TryPrimitive, const TryPrimitive::Request& request, Endpoint) {
        Message message;
        std::uint64_t peer = request.endpoint.value();
        const std::int64_t status = detail::trap(request.primitive, peer, message);
        return TryPrimitive::Reply{static_cast<Status>(-status)};
    }

    Outcome<SpeakInTurn> handle(SpeakInTurn, const Nothing&, Endpoint caller) {
        speak_to_ = caller;
        return Nothing{};
    }

    Outcome<SpeakFirst> handle(SpeakFirst, const SpeakFirst::Request& request, Endpoint caller) {
        (void)send_asynchronous(caller, {.words = {1}});
        (void)notify(caller);
        if (request.then == SpeakFirst::Then::die) std::_Exit(7);
        return Nothing{};
    }

    Outcome<ForkYourself> handle(ForkYourself, const Nothing&, Endpoint) {
        const pid_t child = fork();
        if (child < 0) return Status::not_permitted;
        if (child == 0) return runtime::Deferred{}; // who asked gets the answer of the parent
        return ForkYourself::Reply{static_cast<std::uint32_t>(child)};
    }

    Outcome<AwaitChild> handle(AwaitChild, const AwaitChild::Request& request, Endpoint) {
        const pid_t child = static_cast<pid_t>(request.process_id);
        if (waitpid(child, nullptr, 0) != child) return Status::no_such;
        return Nothing{};
    }

    // What was promised for the time after the answer.
    void act() {
        if (const Endpoint to = std::exchange(speak_to_, {}); to != endpoints::none) {
            (void)send_asynchronous(to, {.words = {1}});
            (void)notify(to);
            (void)send(to, {.words = {2}});
        }
        if (planned_) {
            (void)sleep_for(milliseconds(planned_->delay_milliseconds));
            misbehave(planned_->how);
        }
        if (send_to_ == endpoints::none) return;
        for (std::uint64_t i = 1; i <= 3; ++i) (void)send(send_to_, Message{.words = {i}});
        send_to_ = endpoints::none;
    }

private:
    static std::byte* own_memory(UseGrant::OwnMemory which) {
        if (which == UseGrant::OwnMemory::null) return nullptr;
        if (which == UseGrant::OwnMemory::read_only) return const_cast<std::byte*>(read_only_.data());
        return reinterpret_cast<std::byte*>(buffer_.data());
    }

    static constexpr std::array<std::byte, page_bytes> read_only_{};
    // Whole pages, so that large copies can share them.
    alignas(page_bytes) static inline std::array<std::uint8_t, UseGrant::buffer_bytes> buffer_;

    std::optional<Misbehave::Request> planned_;
    Endpoint send_to_;
    Endpoint speak_to_;
};

} // namespace

int main() {
    Assistant assistant;
    // A user process is no service: RS refuses, and that is right.
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    for (;;) {
        const auto received = receive();
        if (!received.has_value() || received->kind != MessageKind::message) continue;
        const auto answer = runtime::dispatch<AssistantProtocol>(assistant, *received);
        if (answer) (void)send_nonblocking(received->source, *answer);
        assistant.act();
    }
}
