// SPDX-License-Identifier: BSD-3-Clause
// The program that fork.exec.wait starts: it does nothing.

int main() {}
