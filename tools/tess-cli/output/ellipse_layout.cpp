// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/ellipse_layout.h"

#include "tools/tess-cli/output/printable.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <utility>

namespace tessera::tess {

namespace {

constexpr double node_height = 44;
constexpr double gap_between_nodes = 60;
constexpr double page_margin = 24;
constexpr double loop_margin = 70; // room for the loops of nodes to themselves
constexpr double gap_of_parallel_edges = 44;
constexpr double arrow_gap = 4; // between the arrow's tip and the box

Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(Point a, double factor) { return {a.x * factor, a.y * factor}; }
double length(Point a) { return std::hypot(a.x, a.y); }
Point unit(Point a) { return length(a) < 1e-9 ? Point{1, 0} : a * (1 / length(a)); }

double node_width(const DrawnNode& node) {
    constexpr double name_letter = 8.5;
    constexpr double detail_letter = 6.5;
    constexpr double least = 84;
    const auto name = static_cast<double>(display_width(printable(node.name)));
    const auto detail = static_cast<double>(display_width(printable(node.detail)));
    return std::max({least, name * name_letter + 28, detail * detail_letter + 28});
}

using Order = std::vector<std::size_t>; // the place of each node

std::size_t places_between(std::size_t a, std::size_t b, std::size_t count) {
    const std::size_t distance = a > b ? a - b : b - a;
    return std::min(distance, count - distance);
}

std::size_t length_of_edges(const Drawing& drawing, const Order& place) {
    std::size_t sum = 0;
    for (const DrawnEdge& edge : drawing.edges)
        sum += places_between(place[edge.from], place[edge.to], drawing.nodes.size());
    return sum;
}

/// Nodes that have to do with each other come near each other: two change places as long as edges become shorter.
Order order_of(const Drawing& drawing) {
    constexpr std::size_t too_many = 40; // the time grows with the square; so many nodes are no good picture anyway
    Order place(drawing.nodes.size());
    std::iota(place.begin(), place.end(), std::size_t{0});
    if (place.size() > too_many) return place;
    std::size_t best = length_of_edges(drawing, place);
    for (bool better = true; better;) {
        better = false;
        for (std::size_t i = 0; i < place.size(); ++i) {
            for (std::size_t j = i + 1; j < place.size(); ++j) {
                std::swap(place[i], place[j]);
                const std::size_t now = length_of_edges(drawing, place);
                if (now < best) {
                    best = now;
                    better = true;
                } else {
                    std::swap(place[i], place[j]);
                }
            }
        }
    }
    return place;
}

/// From the middle of a box towards a point, as far as the border and `beyond`.
Point border(const Box& box, Point towards, double beyond) {
    const Point direction = unit(towards - box.centre);
    const double to_side = box.width / 2 / std::max(std::abs(direction.x), 1e-9);
    const double to_top = box.height / 2 / std::max(std::abs(direction.y), 1e-9);
    return box.centre + direction * (std::min(to_side, to_top) + beyond);
}

Point point_at(const Curve& curve, double t) {
    const double u = 1 - t;
    return curve.start * (u * u * u) + curve.first_control * (3 * u * u * t) + curve.second_control * (3 * u * t * t) +
           curve.end * (t * t * t);
}

class EllipseLayout {
public:
    explicit EllipseLayout(const Drawing& drawing) : drawing_(drawing) {}

    Layout make() {
        place_nodes();
        for (const DrawnEdge& edge : drawing_.edges) ++parallel_[pair_of(edge)].count;
        for (const DrawnEdge& edge : drawing_.edges) add_edge(edge);
        return std::move(layout_);
    }

private:
    /// Edges between the same two nodes, in either direction.
    struct Parallel {
        std::size_t count = 0;
        std::size_t drawn = 0;
    };
    using Pair = std::pair<std::size_t, std::size_t>;

    static Pair pair_of(const DrawnEdge& edge) { return std::minmax(edge.from, edge.to); }

    void place_nodes() {
        const std::size_t count = drawing_.nodes.size();
        double widest = 0;
        for (const DrawnNode& node : drawing_.nodes) widest = std::max(widest, node_width(node));
        const double around = static_cast<double>(count) * (widest + gap_between_nodes);
        const double radius_x = count < 2 ? 0 : std::max(190.0, around / (2 * std::numbers::pi) * 1.1);
        const double radius_y = count < 3 ? 0 : std::max(130.0, radius_x * 0.6);
        const bool has_loops =
            std::ranges::any_of(drawing_.edges, [](const DrawnEdge& edge) { return edge.from == edge.to; });
        const double margin = has_loops ? loop_margin : page_margin;
        layout_.width = 2 * (radius_x + margin) + widest;
        layout_.height = 2 * (radius_y + margin) + node_height;
        centre_ = {layout_.width / 2, layout_.height / 2};
        const Order place = order_of(drawing_);
        for (std::size_t i = 0; i < count; ++i) {
            const double turn = static_cast<double>(place[i]) / static_cast<double>(count);
            const double angle = std::numbers::pi * (1 + 2 * turn); // the first one to the left
            const Point at = centre_ + Point{radius_x * std::cos(angle), radius_y * std::sin(angle)};
            layout_.nodes.push_back({at, node_width(drawing_.nodes[i]), node_height});
        }
    }

    void add_edge(const DrawnEdge& edge) {
        Parallel& parallel = parallel_[pair_of(edge)];
        const std::size_t number = parallel.drawn++;
        Curve curve = edge.from == edge.to ? loop(layout_.nodes[edge.from], number) : arc(edge, parallel, number);
        curve.badge = free_place(curve);
        layout_.edges.push_back(curve);
    }

    /// Bent towards the middle of the picture; several between the same nodes fan out.
    Curve arc(const DrawnEdge& edge, const Parallel& parallel, std::size_t number) const {
        const auto [low, high] = pair_of(edge);
        const Box& from = layout_.nodes[edge.from];
        const Box& to = layout_.nodes[edge.to];
        const Point middle = (from.centre + to.centre) * 0.5;
        const Point along = unit(layout_.nodes[high].centre - layout_.nodes[low].centre);
        const double rank = static_cast<double>(number) - static_cast<double>(parallel.count - 1) / 2;
        const Point aside = Point{-along.y, along.x} * (rank * gap_of_parallel_edges);
        const Point bend = middle + (centre_ - middle) * 0.3 + aside * 1.5;
        const Point start = border(from, bend, 0);
        const Point end = border(to, bend, arrow_gap);
        return {start, start + (bend - start) * (2.0 / 3), end + (bend - end) * (2.0 / 3), end, {}};
    }

    /// Out of the outer side of a box and back into it.
    Curve loop(const Box& box, std::size_t number) const {
        const double up = box.centre.y <= centre_.y ? -1 : 1;
        const double size = 40 + 14 * static_cast<double>(number);
        const Point top = box.centre + Point{0, up * box.height / 2};
        return {top + Point{-14, 0},
                top + Point{-size, up * size},
                top + Point{size, up * size},
                top + Point{14, up * arrow_gap},
                {}};
    }

    /// On the curve, near its middle, where it hides no other number and no box.
    Point free_place(const Curve& curve) const {
        for (const double t : {0.45, 0.55, 0.35, 0.65, 0.4, 0.6, 0.3, 0.7, 0.25, 0.75}) {
            const Point place = point_at(curve, t);
            if (is_free(place)) return place;
        }
        return point_at(curve, 0.45);
    }

    bool is_free(Point place) const {
        constexpr double apart = 2 * badge_radius + 3;
        const auto near_badge = [&](const Curve& other) { return length(other.badge - place) < apart; };
        const auto near_box = [&](const Box& box) {
            return std::abs(place.x - box.centre.x) < box.width / 2 + badge_radius &&
                   std::abs(place.y - box.centre.y) < box.height / 2 + badge_radius;
        };
        return std::ranges::none_of(layout_.edges, near_badge) && std::ranges::none_of(layout_.nodes, near_box);
    }

    const Drawing& drawing_;
    Layout layout_;
    Point centre_;
    std::map<Pair, Parallel> parallel_;
};

} // namespace

Layout ellipse_layout(const Drawing& drawing) { return EllipseLayout(drawing).make(); }

} // namespace tessera::tess
