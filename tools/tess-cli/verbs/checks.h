// SPDX-License-Identifier: BSD-3-Clause
// The findings of `tess doctor`: what was looked at, what came out, what to try.
#pragma once

#include "tools/tess-cli/client/json.h"
#include "tools/tess-cli/output/output.h"

#include <string>
#include <vector>

namespace tessera::tess {

enum class Verdict { good, warning, bad };

struct Finding {
    Verdict verdict;
    std::string check;
    std::string detail;
    std::string advice; ///< empty for a good one
};

class Findings {
public:
    void good(std::string check, std::string detail);
    void warning(std::string check, std::string detail, std::string advice);
    void bad(std::string check, std::string detail, std::string advice);

    [[nodiscard]] std::size_t count(Verdict verdict) const;
    [[nodiscard]] std::string text(const Output& output) const;
    [[nodiscard]] Json document() const;

private:
    std::vector<Finding> findings_;
};

} // namespace tessera::tess
