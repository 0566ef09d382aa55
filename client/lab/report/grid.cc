// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/grid.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "client/lab/report/chart/harmless.h"
#include "client/lab/report/chart/markup.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Columns on a terminal, near enough: reports are in English, and what is wider
// only pushes the rest of its line.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
      }));
}

bool IsFigures(const Column& column) {
  return column.kind == Column::Kind::kFigures;
}

std::optional<std::ptrdiff_t> IndexOf(const Grid& grid,
                                      const std::string& name) {
  const auto column =
      std::find_if(grid.columns.begin(), grid.columns.end(),
                   [&](const Column& each) { return each.name == name; });
  if (column == grid.columns.end()) return std::nullopt;
  return column - grid.columns.begin();
}

class TextLines {
 public:
  explicit TextLines(const Grid& grid) : columns_(grid.columns) {
    for (const Column& column : columns_) widths_.push_back(Width(column.name));
    for (const Row& row : grid.rows) {
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths_[i] = std::max(widths_[i], Width(Harmless(row.cells[i])));
      }
    }
  }

  std::string Line(const std::vector<std::string>& cells) const {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = Harmless(cells[i]);
      const std::string space(widths_[i] - Width(cell), ' ');
      if (i > 0) line += "  ";
      line += IsFigures(columns_[i]) ? space + cell : cell + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

 private:
  const std::vector<Column>& columns_;
  std::vector<std::size_t> widths_;
};

std::vector<std::string> Names(const Grid& grid) {
  std::vector<std::string> names;
  for (const Column& column : grid.columns) names.push_back(column.name);
  return names;
}

std::string MarkdownLine(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += " " + EscapeMarkdown(cell) + " |";
  }
  return line + "\n";
}

std::string HtmlRow(const Grid& grid, const Row& row) {
  const char* mark = row.mark == Row::Mark::kBad    ? " class=\"bad\""
                     : row.mark == Row::Mark::kGood ? " class=\"good\""
                                                    : "";
  std::string html = fmt::format("<tr{}>", mark);
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    // The first cell names its row to screen readers.
    const char* tag = i == 0 ? "th scope=\"row\"" : "td";
    html += fmt::format("<{}{}>{}</{}>", tag,
                        IsFigures(grid.columns[i]) ? " class=\"n\"" : "",
                        chart::Escape(row.cells[i]), i == 0 ? "th" : "td");
  }
  return html + "</tr>\n";
}

std::string HtmlHead(const Grid& grid) {
  std::string cells;
  bool named = false;
  for (const Column& column : grid.columns) {
    named = named || !column.name.empty();
    cells += fmt::format("<th scope=\"col\"{}>{}</th>",
                         IsFigures(column) ? " class=\"n\"" : "",
                         chart::Escape(column.name));
  }
  return named ? "<thead><tr>" + cells + "</tr></thead>\n" : "";
}

}  // namespace

void Grid::Drop(const std::string& name) {
  const auto index = IndexOf(*this, name);
  if (!index.has_value()) return;
  columns.erase(columns.begin() + *index);
  for (Row& row : rows) row.cells.erase(row.cells.begin() + *index);
}

void Grid::DropIfNothing(const std::string& name) {
  const auto index = IndexOf(*this, name);
  if (!index.has_value()) return;
  for (const Row& row : rows) {
    const std::string& cell = row.cells[static_cast<std::size_t>(*index)];
    if (!cell.empty() && cell != "0") return;
  }
  Drop(name);
}

std::string GridToText(const Grid& grid) {
  if (grid.empty()) return "";
  const TextLines lines(grid);
  std::string text = lines.Line(Names(grid));
  for (const Row& row : grid.rows) text += lines.Line(row.cells);
  return text;
}

std::string GridToMarkdown(const Grid& grid) {
  if (grid.empty()) return "";
  std::string text = MarkdownLine(Names(grid));
  std::vector<std::string> rule;
  for (const Column& column : grid.columns) {
    rule.push_back(IsFigures(column) ? "---:" : "---");
  }
  text += MarkdownLine(rule);
  for (const Row& row : grid.rows) text += MarkdownLine(row.cells);
  return text;
}

std::string GridToHtml(const Grid& grid) {
  if (grid.empty()) return "";
  std::string html = HtmlHead(grid) + "<tbody>\n";
  for (const Row& row : grid.rows) html += HtmlRow(grid, row);
  // Wide tables scroll by themselves, not the page; tabindex lets the keyboard
  // do it.
  return fmt::format(
      "<div class=\"scroll\" "
      "tabindex=\"0\"><table>\n{}</tbody></table></div>\n",
      html);
}

std::string EscapeMarkdown(const std::string& text) {
  std::string result;
  for (const char c : Harmless(text)) {
    // What may begin markup in the middle of a line; HTML is markup too.
    if (std::string("\\`*_[]|#~").find(c) != std::string::npos) result += '\\';
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace pinhole::lab
