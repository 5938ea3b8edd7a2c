// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/host.h"

#include "tools/tess-cli/output/json_view.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <sstream>

namespace tessera::tess {

namespace {

namespace fs = std::filesystem;

/// A state file is a few dozen bytes; whatever is longer is not one.
constexpr std::uintmax_t state_file_limit = 64 * 1024;

fs::path tree_above(fs::path place) {
    std::error_code ignored;
    for (; place.has_relative_path(); place = place.parent_path()) {
        if (fs::exists(place / "tools" / "tess-cli" / "meson.build", ignored)) return place;
    }
    return {};
}

/// When the process was started, in the kernel's ticks: field 22 of /proc/PID/stat (proc(5)). Nothing for a zombie.
std::optional<std::uint64_t> start_time(std::uint64_t process) {
    std::ifstream file{std::format("/proc/{}/stat", process)};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    // The second field, the name in parentheses, may itself hold blanks and parentheses.
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields{text.substr(name_end + 1)};
    constexpr int first_field = 3;
    constexpr int start_field = 22;
    std::string field;
    for (int number = first_field; number <= start_field && fields >> field; ++number) {
        if (number == first_field && field == "Z") return std::nullopt;
    }
    return number_of(Json(field));
}

/// A pid alone may belong to another process by now; with its start time it names one for good.
Liveness liveness_of(const Json& state) {
    const auto process = number(state, "pid");
    const auto recorded = number(state, "process_start");
    const bool runs = process && recorded && start_time(*process) == recorded;
    return runs ? Liveness::running : Liveness::gone;
}

std::optional<Instance> read_state_file(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error || size > state_file_limit) return std::nullopt;
    std::ifstream file{path};
    const auto state = parse_json(std::string{std::istreambuf_iterator<char>{file}, {}});
    if (!state) return std::nullopt;
    const auto process = number(*state, "pid");
    const auto port = number(*state, "port");
    if (!process || !port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    return Instance{path,
                    *process,
                    static_cast<std::uint16_t>(*port),
                    text(*state, "machine"),
                    text(*state, "started"),
                    liveness_of(*state)};
}

} // namespace

LinuxHost::LinuxHost() {
    std::error_code ignored;
    if (const auto root = environment("TESSERA_ROOT")) root_ = *root;
    if (root_.empty()) root_ = tree_above(fs::read_symlink("/proc/self/exe", ignored).parent_path());
    if (root_.empty()) root_ = tree_above(fs::current_path(ignored));
    build_ = environment("TESSERA_BUILD").value_or((root_ / "build").string());
}

std::optional<std::string> LinuxHost::environment(const std::string& name) const {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

std::vector<Instance> LinuxHost::instances() const {
    std::vector<Instance> found;
    std::error_code error;
    for (fs::directory_iterator entry{build_ / "run", error}; !error && entry != fs::directory_iterator{};
         entry.increment(error)) {
        if (entry->path().extension() != ".json") continue;
        if (auto instance = read_state_file(entry->path())) found.push_back(std::move(*instance));
    }
    std::ranges::sort(found, {}, &Instance::port);
    return found;
}

Result<std::string> LinuxHost::standard_input() {
    std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
    if (std::cin.bad()) return bad_usage("cannot read the standard input");
    return text;
}

Failed LinuxHost::become(const std::string& tool, const std::vector<std::string>& arguments) {
    if (root_.empty()) {
        return bad_usage(std::format("cannot find {}: no source tree around here", tool),
                         "run `tess` from the source tree, or set TESSERA_ROOT to it");
    }
    std::string path = (root_ / tool).string();
    std::vector<std::string> words = arguments;
    std::vector<char*> vector{path.data()};
    for (std::string& word : words) vector.push_back(word.data());
    vector.push_back(nullptr);
    ::execv(path.c_str(), vector.data());
    return refused(std::format("cannot start {}: {}", path, std::strerror(errno)),
                   "check that the source tree is complete");
}

} // namespace tessera::tess
