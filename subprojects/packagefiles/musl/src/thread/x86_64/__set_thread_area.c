// SPDX-License-Identifier: BSD-3-Clause
// Sets the thread pointer: the base of FS, which the program's runtime sets in Tessera's own way.
long __tessera_set_fsbase(void *base);

int __set_thread_area(void *base)
{
    return (int)__tessera_set_fsbase(base);
}
