// SPDX-License-Identifier: BSD-3-Clause
// netmgmt-manual FILE: brings the methods' part of docs/protocol.md up to date.

#include "netmgmt/manual/method_manual.h"
#include "netmgmt/methods/method_table.h"

#include <fstream>
#include <iostream>
#include <iterator>

using namespace tessera::netmgmt;

int main(int argument_count, char** arguments) {
    if (argument_count != 2) {
        std::cerr << "usage: netmgmt-manual FILE\n";
        return 2;
    }
    std::ifstream input(arguments[1]);
    const std::string document{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    auto updated = with_manual(document, method_manual(all_methods()));
    if (!updated) {
        std::cerr << "netmgmt-manual: " << arguments[1] << " does not have the two marks\n";
        return 1;
    }
    std::ofstream(arguments[1]) << *updated;
    return 0;
}
