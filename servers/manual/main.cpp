// SPDX-License-Identifier: BSD-3-Clause
// kernel-manual --man DIRECTORY | --markdown FILE: writes a page for man(1) of every kernel call and message primitive,
// and prints their paths; or writes all of them as one document.

#include "servers/manual/page.h"
#include <filesystem>
#include <format>
#include <fstream>
#include <iostream>

using namespace tessera::manual;

namespace {

bool write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file.fail()) return true;
    std::cerr << "kernel-manual: cannot write " << path.string() << "\n";
    return false;
}

bool write_man_pages(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    for (const Chapter& chapter : all_chapters()) {
        for (const Page& page : chapter.pages) {
            const auto path = directory / std::format("{}.{}", page.name, section);
            if (!write(path, as_roff(page))) return false;
            std::cout << path.string() << "\n";
        }
    }
    return true;
}

} // namespace

int main(int argument_count, char** arguments) {
    const std::string_view format = argument_count == 3 ? arguments[1] : "";
    if (format == "--man") return write_man_pages(arguments[2]) ? 0 : 1;
    if (format == "--markdown") return write(arguments[2], as_markdown(all_chapters())) ? 0 : 1;
    std::cerr << "usage: kernel-manual --man DIRECTORY | --markdown FILE\n";
    return 2;
}
