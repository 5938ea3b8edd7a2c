// SPDX-License-Identifier: BSD-3-Clause
// What a verb wrote, kept for comparison.
#pragma once

#include "tools/tess-cli/output/output.h"

#include <string>

namespace tessera::tess {

class CapturedOutput final : public Output {
public:
    void write(std::string_view text) override { written += text; }
    void note(std::string_view text) override { noted += text; }

    std::string written;
    std::string noted;
};

} // namespace tessera::tess
