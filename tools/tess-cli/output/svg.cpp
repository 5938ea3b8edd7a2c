// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/drawing.h"
#include "tools/tess-cli/output/ellipse_layout.h"
#include "tools/tess-cli/output/printable.h"

#include <algorithm>
#include <format>

namespace tessera::tess {

namespace {

constexpr double title_height = 46;
constexpr double row_height = 24;
constexpr double edge_of_page = 24;
constexpr double letter = 7;

/// Text between tags: harmless for a terminal, and no markup.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char character : printable(text)) {
        switch (character) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        default:
            result += character;
        }
    }
    return result;
}

std::string row_text(const Drawing& drawing, const DrawnEdge& edge) {
    const auto name = [&](std::size_t node) {
        const DrawnNode& drawn = drawing.nodes[node];
        return drawn.detail.empty() ? drawn.name : drawn.name + " " + drawn.detail;
    };
    return std::format("{} \u2192 {}: {}", name(edge.from), name(edge.to), edge.text);
}

std::string stroke(const EdgeStyle& style) {
    return std::format(R"(stroke="{}" stroke-width="{}"{})", style.colour, style.width,
                       style.dashes.empty() ? "" : std::format(R"( stroke-dasharray="{}")", style.dashes));
}

/// Arrow heads in the colours of the lines.
std::string heads(const Drawing& drawing) {
    std::string text = "<defs>\n";
    for (std::size_t i = 0; i < drawing.styles.size(); ++i) {
        text += std::format(R"(<marker id="head{}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11" )"
                            R"(markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">)"
                            R"(<path d="M0 0.8 L10 5 L0 9.2 z" fill="{}"/></marker>)"
                            "\n",
                            i, drawing.styles[i].colour);
    }
    return text + "</defs>\n";
}

std::string badge(Point at, std::size_t number, const EdgeStyle& style) {
    return std::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="#ffffff" stroke="{}" stroke-width="1.5"/>)"
                       R"(<text x="{:.1f}" y="{:.1f}" class="badge" style="fill:{}">{}</text>)"
                       "\n",
                       at.x, at.y, badge_radius, style.colour, at.x, at.y + 3.6, style.colour, number);
}

std::string line_of(const Drawing& drawing, const Curve& curve, const DrawnEdge& edge) {
    return std::format(R"svg(<path d="M{:.1f} {:.1f} C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}" fill="none" {} )svg"
                       R"svg(marker-end="url(#head{})"><title>{}</title></path>)svg"
                       "\n",
                       curve.start.x, curve.start.y, curve.first_control.x, curve.first_control.y,
                       curve.second_control.x, curve.second_control.y, curve.end.x, curve.end.y,
                       stroke(drawing.styles.at(edge.style)), edge.style, escaped(row_text(drawing, edge)));
}

std::string box_of(const Box& box, const DrawnNode& node) {
    const double name_y = box.centre.y + (node.detail.empty() ? 5 : -1);
    std::string text = std::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="8" class="node"/>)"
                                   R"(<text x="{:.1f}" y="{:.1f}" class="name">{}</text>)",
                                   box.centre.x - box.width / 2, box.centre.y - box.height / 2, box.width, box.height,
                                   box.centre.x, name_y, escaped(node.name));
    if (!node.detail.empty()) {
        text += std::format(R"(<text x="{:.1f}" y="{:.1f}" class="detail">{}</text>)", box.centre.x, box.centre.y + 14,
                            escaped(node.detail));
    }
    return text + "\n";
}

/// What each number is.
std::string list_of(const Drawing& drawing, double top) {
    std::string text;
    for (std::size_t i = 0; i < drawing.edges.size(); ++i) {
        const DrawnEdge& edge = drawing.edges[i];
        const EdgeStyle& style = drawing.styles.at(edge.style);
        const double y = top + row_height * static_cast<double>(i) + row_height / 2;
        text += badge({edge_of_page + badge_radius, y}, i + 1, style);
        text += std::format(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{2:.1f}" y2="{1:.1f}" {3}/>)"
                            R"(<text x="{4:.1f}" y="{5:.1f}" class="row">{6}</text>)"
                            "\n",
                            edge_of_page + 28, y, edge_of_page + 64, stroke(style), edge_of_page + 74, y + 4,
                            escaped(row_text(drawing, edge)));
    }
    return text;
}

double width_of_list(const Drawing& drawing) {
    std::size_t longest = 0;
    for (const DrawnEdge& edge : drawing.edges)
        longest = std::max(longest, display_width(printable(row_text(drawing, edge))));
    return 2 * edge_of_page + 74 + letter * static_cast<double>(longest);
}

constexpr const char* style_sheet = R"(<style>
text { font-family: "DejaVu Sans", Verdana, Helvetica, sans-serif; fill: #1c2733; }
.title { font-size: 17px; font-weight: bold; }
.name { font-size: 14px; font-weight: bold; text-anchor: middle; }
.detail { font-size: 11px; text-anchor: middle; fill: #5b6b7c; }
.row { font-size: 12px; }
.badge { font-size: 10px; font-weight: bold; text-anchor: middle; }
.node { fill: #eef3fb; stroke: #8aa4c8; stroke-width: 1.5; }
</style>
)";

} // namespace

std::string svg_text(const Drawing& drawing) {
    const Layout layout = ellipse_layout(drawing);
    const double list_top = title_height + layout.height;
    const double width = std::max(layout.width, width_of_list(drawing));
    const double height = list_top + row_height * static_cast<double>(drawing.edges.size()) + edge_of_page;
    std::string text = std::format(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
                                   R"(viewBox="0 0 {0:.0f} {1:.0f}">)"
                                   "\n<title>{2}</title>\n",
                                   width, height, escaped(drawing.title));
    text += style_sheet + heads(drawing);
    text += R"(<rect width="100%" height="100%" fill="#ffffff"/>)"
            "\n";
    text += std::format(R"(<text x="{}" y="32" class="title">{}</text>)"
                        "\n",
                        edge_of_page, escaped(drawing.title));
    text += std::format(R"svg(<g transform="translate({:.1f} {:.1f})">)svg"
                        "\n",
                        (width - layout.width) / 2, title_height);
    for (std::size_t i = 0; i < drawing.edges.size(); ++i) text += line_of(drawing, layout.edges[i], drawing.edges[i]);
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) text += box_of(layout.nodes[i], drawing.nodes[i]);
    for (std::size_t i = 0; i < drawing.edges.size(); ++i)
        text += badge(layout.edges[i].badge, i + 1, drawing.styles.at(drawing.edges[i].style));
    return text + "</g>\n" + list_of(drawing, list_top) + "</svg>\n";
}

} // namespace tessera::tess
