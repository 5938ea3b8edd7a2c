// SPDX-License-Identifier: BSD-3-Clause
// The benchmark: prints every figure, then BENCH DONE.

#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/clock.h"
#include "servers/runtime/log.h"
#include "tests/bench/figures.h"

using namespace tessera;

int main() {
    using namespace protocol::rs;
    (void)runtime::call<RsProtocol, Ready>(endpoints::rs, {});
    const auto echo = runtime::call<RsProtocol, Lookup>(
        endpoints::rs, {.label = Name{"bench_echo"}, .wait = LookupWait::until_running});
    if (!echo.has_value()) {
        log_line(LogLevel::error, "bench_echo does not run: boot with start=bench_echo,bench");
        return 1;
    }
    // Start-up of the others must not disturb the figures.
    (void)sleep_for(milliseconds(500));
    const bench::Meter meter;
    bench::kernel_calls_figures(meter);
    bench::signal_figures(meter);
    bench::message_figures(meter, echo->endpoint);
    bench::interrupt_figures(meter, echo->endpoint);
    bench::copy_figures(meter, echo->endpoint);
    bench::memory_figures(meter);
    bench::data_store_figures(meter);
    bench::process_figures();
    log_line(LogLevel::info, "BENCH DONE");
    for (;;) (void)receive();
}
