// SPDX-License-Identifier: BSD-3-Clause
// The target tests: run in the guest, tell the log. `TEST name ok`, or `TEST name FAILED reason`; at the end
// `TESTS n passed, m failed`.

#include "servers/protocols/rs.h"
#include "servers/runtime/client.h"
#include "servers/runtime/log_format.h"
#include "tests/target/test.h"
#include <exception>

using namespace tessera;
using namespace tessera::target;

namespace {

bool passes(const Test& test, Environment& environment) {
    try {
        test.run(environment);
        log_info("TEST {} ok", test.name);
        return true;
    } catch (const std::exception& error) {
        log_error("TEST {} FAILED {}", test.name, error.what());
        return false;
    }
}

// The assistant is a service on request.
void start_assistant() {
    using namespace protocol::rs;
    (void)runtime::call<RsProtocol, ServiceRestart>(endpoints::rs, {.label = Name("assistant")});
}

} // namespace

int main() {
    (void)runtime::call<protocol::rs::RsProtocol, protocol::rs::Ready>(endpoints::rs, {});
    start_assistant();
    Environment environment;
    unsigned passed = 0;
    unsigned failed = 0;
    for (const auto& tests :
         {kernel_call_tests(),  message_tests(),      asynchronous_tests(),    rule_tests(),
          grant_tests(),        safecopy_tests(),     safecopy_vector_tests(), safemap_tests(),
          safemap_life_tests(), safeperf_tests(),     random_grants_tests(),   memory_tests(),
          death_tests(),        time_and_log_tests(), data_store_tests(),      data_store_range_tests(),
          service_tests(),      vm_call_tests(),      vm_check_tests(),        posix_tests(),
          watch_tests()})
        for (const Test& test : tests)
            if (test.name.starts_with(environment.settings.only)) ++(passes(test, environment) ? passed : failed);
    log_info("TESTS {} passed, {} failed", passed, failed);
    return failed == 0 ? 0 : 1;
}
