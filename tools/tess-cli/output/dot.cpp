// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/drawing.h"
#include "tools/tess-cli/output/printable.h"

#include <format>

namespace tessera::tess {

namespace {

/// A string of the language, in which a backslash begins escapes.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char character : printable(text)) {
        if (character == '"' || character == '\\') result += '\\';
        result += character;
    }
    return result + "\"";
}

/// Lines below each other.
std::string quoted(const std::string& first, const std::string& second) {
    if (second.empty()) return quoted(first);
    const std::string above = quoted(first);
    return above.substr(0, above.size() - 1) + "\\n" + quoted(second).substr(1);
}

} // namespace

std::string dot_text(const Drawing& drawing) {
    std::string text = std::format("digraph {} {{\n  rankdir=LR;\n"
                                   "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#eef3fb\", "
                                   "fontname=\"sans-serif\"];\n"
                                   "  edge [fontname=\"sans-serif\", fontsize=10, penwidth={}];\n",
                                   quoted(drawing.title), usual_edge_width);
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
        const DrawnNode& node = drawing.nodes[i];
        text += std::format("  n{} [label={}];\n", i, quoted(node.name, node.detail));
    }
    for (const DrawnEdge& edge : drawing.edges) {
        const EdgeStyle& style = drawing.styles.at(edge.style);
        text += std::format("  n{} -> n{} [label={}, color={}{}{}];\n", edge.from, edge.to, quoted(edge.text),
                            quoted(style.colour), style.dashes.empty() ? "" : ", style=dashed",
                            style.width == usual_edge_width ? "" : std::format(", penwidth={}", style.width));
    }
    return text + "}\n";
}

} // namespace tessera::tess
