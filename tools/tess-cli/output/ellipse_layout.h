// SPDX-License-Identifier: BSD-3-Clause
// Where the nodes and edges of a drawing are. On an ellipse no edge can run through a node that is not its own.
#pragma once

#include "tools/tess-cli/output/drawing.h"

#include <vector>

namespace tessera::tess {

struct Point {
    double x = 0;
    double y = 0;
};

struct Box {
    Point centre;
    double width = 0;
    double height = 0;
};

/// A cubic curve from border to border, and the place for its number.
struct Curve {
    Point start;
    Point first_control;
    Point second_control;
    Point end;
    Point badge;
};

struct Layout {
    double width = 0;
    double height = 0;
    std::vector<Box> nodes;
    std::vector<Curve> edges;
};

inline constexpr double badge_radius = 9;

[[nodiscard]] Layout ellipse_layout(const Drawing& drawing);

} // namespace tessera::tess
