// SPDX-License-Identifier: BSD-3-Clause
#include "servers/ds/pattern.h"
#include <algorithm>
#include <string>

namespace tessera::ds {

Result<Pattern> Pattern::compile(std::string_view text) {
    if (std::ranges::count(text, '{') > 1) return Status::invalid;
    auto expression = std::make_unique<regex_t>();
    const int error = regcomp(expression.get(), std::string(text).c_str(), REG_EXTENDED);
    if (error == REG_ESPACE) return Status::no_space;
    if (error != 0) return Status::invalid;
    return Pattern(std::unique_ptr<regex_t, Free>(expression.release()));
}

// POSIX finds the longest of the leftmost matches: if the whole key matches at all, that is what it finds. (Wrapping
// the text in ^( )$ would let "a)|(b" out.) When the matcher runs out of memory the change is reported rather than
// lost.
bool Pattern::matches(std::string_view key) const {
    regmatch_t whole{};
    const int error = regexec(expression_.get(), std::string(key).c_str(), 1, &whole, 0);
    if (error == REG_NOMATCH) return false;
    return error != 0 || (whole.rm_so == 0 && static_cast<std::size_t>(whole.rm_eo) == key.size());
}

} // namespace tessera::ds
