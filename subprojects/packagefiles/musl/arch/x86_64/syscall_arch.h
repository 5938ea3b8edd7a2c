// SPDX-License-Identifier: BSD-3-Clause
// Replaces musl's file of this name: a system call is a call of one C function, which the program's runtime supplies.
// It gets the numbers and arguments of Linux for x86-64 and returns the result, or the negated error.
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#ifdef __cplusplus
extern "C"
#endif
    long
    __tessera_syscall(long number, long a, long b, long c, long d, long e, long f);

static __inline long __syscall0(long number) { return __tessera_syscall(number, 0, 0, 0, 0, 0, 0); }

static __inline long __syscall1(long number, long a) { return __tessera_syscall(number, a, 0, 0, 0, 0, 0); }

static __inline long __syscall2(long number, long a, long b) { return __tessera_syscall(number, a, b, 0, 0, 0, 0); }

static __inline long __syscall3(long number, long a, long b, long c) {
    return __tessera_syscall(number, a, b, c, 0, 0, 0);
}

static __inline long __syscall4(long number, long a, long b, long c, long d) {
    return __tessera_syscall(number, a, b, c, d, 0, 0);
}

static __inline long __syscall5(long number, long a, long b, long c, long d, long e) {
    return __tessera_syscall(number, a, b, c, d, e, 0);
}

static __inline long __syscall6(long number, long a, long b, long c, long d, long e, long f) {
    return __tessera_syscall(number, a, b, c, d, e, f);
}

#define IPC_64 0
