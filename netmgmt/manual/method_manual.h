// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The methods' part of docs/protocol.md, made from the method tables. For the host only.

#include "netmgmt/methods/method.h"

namespace tessera::netmgmt {

inline constexpr std::string_view manual_begin = "<!-- made by netmgmt-manual from the method tables: begin -->\n";
inline constexpr std::string_view manual_end = "<!-- made by netmgmt-manual from the method tables: end -->\n";

/// Markdown.
[[nodiscard]] std::string method_manual(MethodTable table);

/// A document with what is between the two marks made anew; empty when it lacks a mark.
[[nodiscard]] std::optional<std::string> with_manual(std::string_view document, std::string_view manual);

} // namespace tessera::netmgmt
