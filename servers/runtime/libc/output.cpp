// SPDX-License-Identifier: BSD-3-Clause
// Standard output and standard error: lines of the system log.

#include "servers/runtime/libc/linux.h"
#include "servers/runtime/libc/output_lines.h"
#include "servers/runtime/log.h"
#include <array>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tessera::libc {

namespace {

struct OutputFile {
    LogLevel level;
    OutputLines lines;

    void write(std::string_view text) {
        lines.write(text, [this](std::string_view line) { log_line(level, line); });
    }
    void flush() {
        lines.flush([this](std::string_view line) { log_line(level, line); });
    }
};

// The C library below `main` has no object to live in: these two are the process's descriptors 1 and 2.
constinit std::array<OutputFile, 2> output_files{OutputFile{.level = LogLevel::info, .lines = {}},
                                                 OutputFile{.level = LogLevel::error, .lines = {}}};

OutputFile* output_file(long descriptor) {
    if (descriptor != STDOUT_FILENO && descriptor != STDERR_FILENO) return nullptr;
    return &output_files[static_cast<std::size_t>(descriptor - STDOUT_FILENO)];
}

constexpr LinuxResult bad_descriptor = -9; // EBADF

} // namespace

LinuxResult write_output(const Arguments& arguments) {
    OutputFile* const file = output_file(arguments.a);
    if (file == nullptr) return bad_descriptor;
    file->write({reinterpret_cast<const char*>(arguments.b), static_cast<std::size_t>(arguments.c)});
    return arguments.c;
}

LinuxResult write_output_vector(const Arguments& arguments) {
    OutputFile* const file = output_file(arguments.a);
    if (file == nullptr) return bad_descriptor;
    const auto* const parts = reinterpret_cast<const iovec*>(arguments.b);
    LinuxResult written = 0;
    for (long i = 0; i < arguments.c; ++i) {
        file->write({static_cast<const char*>(parts[i].iov_base), parts[i].iov_len});
        written += static_cast<LinuxResult>(parts[i].iov_len);
    }
    return written;
}

// musl asks for the window size to learn whether a file is a terminal: ours are, so that it writes at each line end.
LinuxResult control_output(const Arguments& arguments) {
    if (output_file(arguments.a) == nullptr) return bad_descriptor;
    if (arguments.b != TIOCGWINSZ) return linux_error(Status::not_implemented);
    *reinterpret_cast<winsize*>(arguments.c) = winsize{};
    return 0;
}

void flush_output() {
    for (OutputFile& file : output_files) file.flush();
}

} // namespace tessera::libc
