// SPDX-License-Identifier: BSD-3-Clause
#pragma once
// What may be a key, and what a string value.

#include <string_view>

namespace tessera::ds {

// 1..79 bytes of well-formed UTF-8 without control characters (U+0000..U+001F, U+007F..U+009F).
bool valid_key(std::string_view text);

// At most string_limit bytes of well-formed UTF-8 without NUL.
bool valid_string(std::string_view text);

} // namespace tessera::ds
