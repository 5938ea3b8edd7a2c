// SPDX-License-Identifier: BSD-3-Clause
// What lwIP wants to know of its compiler and system, and the hooks that the program around it supplies.
#pragma once

#include <stdint.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A number that a peer cannot foresee: transaction ids, local ports.
uint32_t tessera_lwip_random(void);
/// An invariant of lwIP does not hold; does not return.
void tessera_lwip_assert(char const* message, char const* file, int line) __attribute__((noreturn));
/// Text for the log, in the manner of printf.
void tessera_lwip_diagnostic(char const* format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif

#define LWIP_RAND() tessera_lwip_random()
#define LWIP_PLATFORM_DIAG(arguments)                                                                                  \
    do {                                                                                                               \
        tessera_lwip_diagnostic arguments;                                                                             \
    } while (0)
#define LWIP_PLATFORM_ASSERT(message) tessera_lwip_assert(message, __FILE__, __LINE__)
