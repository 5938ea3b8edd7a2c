// SPDX-License-Identifier: BSD-3-Clause
// Aligned columns. Every cell is made printable here, so no verb can forget it.
#pragma once

#include "tools/tess-cli/output/output.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tessera::tess {

enum class Align { left, right };

struct Column {
    std::string heading;
    Align align = Align::left;
    std::size_t least_width = 0; ///< for rows that are written before the next one is known
};

struct Cell {
    Cell(std::string content, Tone content_tone = Tone::plain); // implicit: most cells are just text
    Cell(const char* content) : Cell{std::string{content}} {}

    std::string text;
    Tone tone;
};

using Row = std::vector<Cell>;

class Table {
public:
    explicit Table(std::vector<Column> columns);

    /// A row has as many cells as the table has columns.
    void add(Row row);
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

    /// Headings and rows with the width of the widest cell of each column, two spaces between columns, nothing at the
    /// line's end.
    [[nodiscard]] std::string text(const Output& output) const;
    /// Only the headings, in the least widths.
    [[nodiscard]] std::string heading_text(const Output& output) const;
    /// Only this row, in the least widths.
    [[nodiscard]] std::string row_text(const Output& output, const Row& row) const;

private:
    [[nodiscard]] std::string line(const Output& output, const Row& row, const std::vector<std::size_t>& widths) const;
    [[nodiscard]] std::vector<std::size_t> least_widths() const;
    [[nodiscard]] Row headings() const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

/// Names to the left, values aligned to their right: one thing in many properties.
class PropertyList {
public:
    void add(std::string name, Cell value) { properties_.emplace_back(std::move(name), std::move(value)); }
    [[nodiscard]] std::string text(const Output& output) const;

private:
    std::vector<std::pair<std::string, Cell>> properties_;
};

} // namespace tessera::tess
