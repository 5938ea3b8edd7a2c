// SPDX-License-Identifier: BSD-3-Clause
// A picture of who has to do with whom, before it is text of any kind. dot_text and svg_text write it.
#pragma once

#include "tools/tess-cli/output/output.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tessera::tess {

struct DrawnNode {
    std::string name;
    std::string detail; ///< in small letters below the name; may be empty
};

inline constexpr double usual_edge_width = 1.6;

/// How edges of one kind are drawn.
struct EdgeStyle {
    std::string colour; ///< "#rrggbb"
    std::string dashes; ///< as of SVG's stroke-dasharray; empty: a whole line
    double width = usual_edge_width;
};

struct DrawnEdge {
    std::size_t from = 0; ///< index of a node
    std::size_t to = 0;
    std::size_t style = 0;
    std::string text;
};

struct Drawing {
    std::string title;
    std::vector<EdgeStyle> styles;
    std::vector<DrawnNode> nodes;
    std::vector<DrawnEdge> edges;
};

/// For Graphviz and whatever reads its language.
[[nodiscard]] std::string dot_text(const Drawing& drawing);

/// A picture by itself: nodes on an ellipse, numbered edges between them, and a list that says what each number is.
[[nodiscard]] std::string svg_text(const Drawing& drawing);

} // namespace tessera::tess
