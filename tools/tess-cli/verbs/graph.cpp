// SPDX-License-Identifier: BSD-3-Clause
// tess graph: pictures of who has to do with whom.
#include "tools/tess-cli/output/drawing.h"
#include "tools/tess-cli/output/human.h"
#include "tools/tess-cli/output/json_view.h"
#include "tools/tess-cli/verbs/verbs.h"

#include <algorithm>
#include <array>
#include <format>
#include <map>

namespace tessera::tess {

namespace {

struct GraphOptions {
    bool grants = false;
    bool svg = false;
};

/// "1 use", "2 uses".
std::string counted(const Json& edge, std::string_view name, const std::string& one) {
    return std::format("{} {}{}", grouped_text(edge, name), one, number(edge, name) == 1u ? "" : "s");
}

/// grant.graph as a drawing.
class GrantDrawing {
public:
    explicit GrantDrawing(const Json& graph) {
        drawing_.title = "Who shares memory with whom";
        drawing_.styles = {
            {"#2b6cb0", ""}, {"#c05621", "7 4"}, {"#805ad5", "2 3"}, {"#c53030", "2 6"}, {"#2f855a", "", 3}};
        for (const Json& node : member(graph, "nodes")) add_node(node);
        for (const Json& edge : member(graph, "grants")) add_grants(edge);
        for (const Json& edge : member(graph, "maps")) add_maps(edge);
    }

    [[nodiscard]] const Drawing& drawing() const { return drawing_; }

private:
    /// In the order of the styles; maps have the last one.
    static constexpr std::array<std::string_view, 4> kinds{"direct", "indirect", "magic", "unknown"};
    static constexpr std::size_t map_style = kinds.size();

    void add_node(const Json& node) {
        const std::string endpoint = text(node, "endpoint");
        const auto [place, is_new] = nodes_.try_emplace(endpoint, drawing_.nodes.size());
        if (!is_new) return;
        if (endpoint == "any")
            drawing_.nodes.push_back({"anybody", ""});
        else
            drawing_.nodes.push_back({text(node, "name"), endpoint});
    }

    /// Also of one that is not among the nodes: then its endpoint is all that is known.
    std::size_t node_of(const Json& edge, std::string_view name) {
        const std::string endpoint = text(edge, name);
        const auto [place, is_new] = nodes_.try_emplace(endpoint, drawing_.nodes.size());
        if (is_new) drawing_.nodes.push_back({endpoint, ""});
        return place->second;
    }

    static std::size_t style_of(std::string_view kind) {
        const auto found = std::ranges::find(kinds, kind);
        return static_cast<std::size_t>(std::min(found, kinds.end() - 1) - kinds.begin());
    }

    void add_grants(const Json& edge) {
        std::string what =
            std::format("{} of {}", counted(edge, "grants", text(edge, "kind") + " grant"), size_text(edge, "bytes"));
        const Json& source = member(edge, "source");
        if (!source.is_null()) {
            const DrawnNode& node = drawing_.nodes[node_of(edge, "source")];
            what += text(edge, "kind") == "magic" ? " of " : " from ";
            what += node.detail.empty() ? node.name : node.name + " " + node.detail;
        }
        what += std::format(", {}, {}", joined(edge, "rights", "+"), counted(edge, "uses", "use"));
        drawing_.edges.push_back(
            {node_of(edge, "grantor"), node_of(edge, "grantee"), style_of(text(edge, "kind")), what});
    }

    void add_maps(const Json& edge) {
        drawing_.edges.push_back({node_of(edge, "owner"), node_of(edge, "grantee"), map_style,
                                  std::format("{} of {}, {}", counted(edge, "maps", "map"), size_text(edge, "bytes"),
                                              joined(edge, "protection", "+"))});
    }

    Drawing drawing_;
    std::map<std::string, std::size_t> nodes_; ///< by endpoint
};

Result<void> run_graph(Session& session, const GraphOptions& options) {
    if (!options.grants) return bad_usage("this draws nothing", "say what to draw: tess graph --grants");
    const auto graph = session.call("grant.graph");
    if (!graph) return Failed{graph.error()};
    if (const auto left_out = number(*graph, "left_out").value_or(0); left_out > 0)
        session.output().note(std::format("-- {} grants and maps had no room in the graph\n", grouped(left_out)));
    return session.show(graph, [&options](const Json& shown, const Output&) {
        const GrantDrawing grants{shown};
        return options.svg ? svg_text(grants.drawing()) : dot_text(grants.drawing());
    });
}

} // namespace

void add_graph(Registry& verbs) {
    auto options = std::make_shared<GraphOptions>();
    VerbParser& parser = verbs.add(
        {.name = "graph",
         .summary = "Draw who has to do with whom.",
         .description =
             "In the language of Graphviz; with --svg a picture that every browser shows: `tess graph --grants --svg > "
             "grants.svg`. An arrow leads from who gives to who gets. Calls grant.graph.",
         .examples = {{"tess graph --grants",
                       R"(digraph "Who shares memory with whom" {
  rankdir=LR;
  node [shape=box, style="rounded,filled", fillcolor="#eef3fb", fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10, penwidth=1.6];
  n0 [label="anybody"];
  n1 [label="ds\n4099"];
  n2 [label="e1000\n4101"];
  n3 [label="netmgmt\n4102"];
  n4 [label="vfs\n4104"];
  n5 [label="disk\n4105"];
  n6 [label="shell\n4110"];
  n2 -> n0 [label="1 direct grant of 16 KiB, read+write, 904 uses", color="#2b6cb0"];
  n3 -> n1 [label="1 direct grant of 256 B, read, 12 uses", color="#2b6cb0"];
  n3 -> n2 [label="1 indirect grant of 4 KiB from shell 4110, read+try_only, 6 uses", color="#c05621", style=dashed];
  n4 -> n5 [label="1 magic grant of 512 B of shell 4110, write, 2 uses", color="#805ad5", style=dashed];
  n6 -> n3 [label="1 direct grant of 12 KiB, read+map, 7 uses", color="#2b6cb0"];
  n6 -> n2 [label="1 map of 4 KiB, read", color="#2f855a", penwidth=3];
  n6 -> n3 [label="1 map of 8 KiB, read+write", color="#2f855a", penwidth=3];
}
)"}}},
        [options](Session& session) { return run_graph(session, *options); });
    parser.flag("--grants", options->grants, "Grants and maps of granted memory");
    parser.flag("--svg", options->svg, "As an SVG picture");
}

} // namespace tessera::tess
