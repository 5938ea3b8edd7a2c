// SPDX-License-Identifier: BSD-3-Clause
// Pictures: what is in them, that names of a peer stay text, and that nothing hides anything else.
#include "tools/tess-cli/output/drawing.h"
#include "tools/tess-cli/output/ellipse_layout.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <format>

using namespace tessera::tess;

namespace {

Drawing drawing_of(std::size_t nodes, std::vector<DrawnEdge> edges) {
    Drawing drawing{.title = "title", .styles = {{"#112233", ""}, {"#445566", "7 4", 3}}, .nodes = {}, .edges = {}};
    for (std::size_t i = 0; i < nodes; ++i)
        drawing.nodes.push_back({std::format("process{}", i), std::to_string(4096 + i)});
    drawing.edges = std::move(edges);
    return drawing;
}

/// Everybody with everybody, in both directions.
std::vector<DrawnEdge> all_pairs(std::size_t nodes) {
    std::vector<DrawnEdge> edges;
    for (std::size_t from = 0; from < nodes; ++from)
        for (std::size_t to = 0; to < nodes; ++to) edges.push_back({from, to, 0, ""});
    return edges;
}

bool overlap(const Box& a, const Box& b) {
    return std::abs(a.centre.x - b.centre.x) < (a.width + b.width) / 2 &&
           std::abs(a.centre.y - b.centre.y) < (a.height + b.height) / 2;
}

bool is_inside(const Layout& layout, Point point) {
    return point.x >= 0 && point.y >= 0 && point.x <= layout.width && point.y <= layout.height;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

} // namespace

TEST_CASE("the text for Graphviz") {
    Drawing drawing = drawing_of(2, {{0, 1, 0, "two of them"}, {1, 0, 1, "back"}});
    drawing.nodes[1] = {"alone", ""};
    const std::string text = dot_text(drawing);
    CHECK(text.starts_with("digraph \"title\" {\n"));
    CHECK(text.contains("  n0 [label=\"process0\\n4096\"];\n  n1 [label=\"alone\"];\n"));
    CHECK(text.contains("  n0 -> n1 [label=\"two of them\", color=\"#112233\"];\n"));
    CHECK(text.contains("  n1 -> n0 [label=\"back\", color=\"#445566\", style=dashed, penwidth=3];\n}\n"));
}

TEST_CASE("the picture has every node and numbers every edge twice: where it is, and what it is") {
    const std::string text = svg_text(drawing_of(3, {{0, 1, 0, "first"}, {1, 2, 1, "second"}, {2, 2, 0, "third"}}));
    CHECK(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
    CHECK(text.ends_with("</svg>\n"));
    CHECK(times(text, "class=\"node\"") == 3);
    CHECK(times(text, "class=\"badge\"") == 6);
    CHECK(text.contains(">process1 4097 \u2192 process2 4098: second</text>"));
    CHECK(text.contains("stroke-dasharray=\"7 4\""));
    CHECK(times(text, "marker-end=\"url(#head0)\"") == 2);
}

TEST_CASE("names of a peer are no markup and nothing for a terminal") {
    Drawing drawing = drawing_of(2, {{0, 1, 0, "a <b> & \"c\"\\"}});
    drawing.nodes[0].name = "</text><script>\x1b[2J";
    const std::string picture = svg_text(drawing);
    CHECK_FALSE(picture.contains("<script"));
    CHECK_FALSE(picture.contains('\x1b'));
    CHECK(picture.contains("&lt;/text&gt;&lt;script&gt;\\x1b[2J"));
    CHECK(picture.contains("a &lt;b&gt; &amp; "));
    const std::string text = dot_text(drawing);
    CHECK(text.contains(R"([label="a <b> & \"c\"\\", )"));
    CHECK(text.contains(R"(<script>\\x1b[2J\n4096)"));
}

TEST_CASE("an empty drawing is a picture too") {
    CHECK(svg_text(drawing_of(0, {})).ends_with("</svg>\n"));
    CHECK(dot_text(drawing_of(0, {})).ends_with("}\n"));
    CHECK(ellipse_layout(drawing_of(1, {})).nodes.size() == 1);
}

TEST_CASE("no box hides another, and all is on the page") {
    for (std::size_t count = 1; count <= 30; ++count) {
        INFO(count);
        Drawing drawing = drawing_of(count, {});
        drawing.nodes[0].name = "a very long name of a process";
        for (std::size_t i = 0; i < count; ++i) drawing.edges.push_back({i, (i * 3 + 1) % count, 0, ""});
        const Layout layout = ellipse_layout(drawing);
        for (std::size_t i = 0; i < count; ++i) {
            const Box& box = layout.nodes[i];
            CHECK(is_inside(layout, {box.centre.x - box.width / 2, box.centre.y - box.height / 2}));
            CHECK(is_inside(layout, {box.centre.x + box.width / 2, box.centre.y + box.height / 2}));
            for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(overlap(box, layout.nodes[j]));
        }
        for (const Curve& curve : layout.edges) {
            CHECK(is_inside(layout, curve.start));
            CHECK(is_inside(layout, curve.end));
            CHECK(is_inside(layout, curve.badge));
        }
    }
}

TEST_CASE("no number hides another when there are not too many") {
    const Layout layout = ellipse_layout(drawing_of(4, all_pairs(4)));
    for (std::size_t i = 0; i < layout.edges.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const Point one = layout.edges[i].badge;
            const Point other = layout.edges[j].badge;
            CHECK(std::hypot(one.x - other.x, one.y - other.y) >= 2 * badge_radius);
        }
    }
}

TEST_CASE("nodes that have to do with each other are neighbours") {
    const Layout layout = ellipse_layout(drawing_of(8, {{0, 4, 0, ""}, {1, 5, 0, ""}, {2, 6, 0, ""}, {3, 7, 0, ""}}));
    const auto distance = [&](std::size_t a, std::size_t b) {
        return std::hypot(layout.nodes[a].centre.x - layout.nodes[b].centre.x,
                          layout.nodes[a].centre.y - layout.nodes[b].centre.y);
    };
    double nearest = 1e9;
    double farthest = 0;
    for (std::size_t i = 0; i < 4; ++i) farthest = std::max(farthest, distance(i, i + 4));
    for (std::size_t i = 0; i < 8; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (i != j + 4) nearest = std::min(nearest, distance(i, j));
    CHECK(farthest < 2.5 * nearest);
}
