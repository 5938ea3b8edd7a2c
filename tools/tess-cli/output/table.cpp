// SPDX-License-Identifier: BSD-3-Clause
#include "tools/tess-cli/output/table.h"

#include "tools/tess-cli/output/printable.h"

#include <algorithm>
#include <utility>

namespace tessera::tess {

Cell::Cell(std::string content, Tone content_tone) : text{printable(content)}, tone{content_tone} {}

Table::Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

void Table::add(Row row) {
    row.resize(columns_.size(), Cell{""});
    rows_.push_back(std::move(row));
}

std::string Table::text(const Output& output) const {
    auto widths = least_widths();
    for (const Row& row : rows_) {
        for (std::size_t index = 0; index < widths.size(); ++index) {
            widths[index] = std::max(widths[index], display_width(row[index].text));
        }
    }
    std::string result = line(output, headings(), widths);
    for (const Row& row : rows_) result += line(output, row, widths);
    return result;
}

std::string Table::heading_text(const Output& output) const { return line(output, headings(), least_widths()); }

std::string Table::row_text(const Output& output, const Row& row) const { return line(output, row, least_widths()); }

std::string Table::line(const Output& output, const Row& row, const std::vector<std::size_t>& widths) const {
    std::string result;
    std::size_t owed = 0; // spaces that are written only when something follows
    for (std::size_t index = 0; index < widths.size(); ++index) {
        const Cell& cell = row[index];
        const auto width = display_width(cell.text);
        const auto padding = widths[index] > width ? widths[index] - width : 0;
        if (columns_[index].align == Align::right) owed += padding;
        if (!cell.text.empty()) {
            result.append(std::exchange(owed, 0), ' ');
            result += output.toned(cell.text, cell.tone);
        } else {
            owed += width;
        }
        owed += (columns_[index].align == Align::left ? padding : 0) + 2;
    }
    result += '\n';
    return result;
}

std::vector<std::size_t> Table::least_widths() const {
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) {
        widths.push_back(std::max(column.least_width, display_width(column.heading)));
    }
    return widths;
}

Row Table::headings() const {
    Row row;
    for (const Column& column : columns_) row.emplace_back(column.heading, Tone::heading);
    return row;
}

std::string PropertyList::text(const Output& output) const {
    std::size_t width = 0;
    for (const auto& [name, value] : properties_) width = std::max(width, display_width(name));
    std::string result;
    for (const auto& [name, value] : properties_) {
        result += output.toned(name, Tone::heading) + std::string(width - display_width(name) + 2, ' ');
        result += output.toned(value.text, value.tone) + "\n";
    }
    return result;
}

} // namespace tessera::tess
