// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/document.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"
#include "client/lab/report/escaping.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr std::size_t kWidth = 78;

// Columns on a terminal, for text of single-width characters.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
      }));
}

std::vector<std::string> NamesOf(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

std::string Line(const Table& table, const std::vector<std::size_t>& widths,
                 const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = Escape(cells[i]);
    const std::string space(widths[i] - Width(cell), ' ');
    if (i > 0) line += "  ";
    line += table.columns[i].numeric ? space + cell : cell + space;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// Breaks lines between words and indents all but the first.
std::string Wrapped(const std::string& text) {
  std::string result;
  std::string line;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && Width(line) + 1 + Width(word) > kWidth) {
      result += line + "\n";
      line = "   " + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
    begin = end + 1;
  }
  return result + line + "\n";
}

std::string MarkdownLine(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells)
    line += " " + EscapeMarkdown(cell) + " |";
  return line + "\n";
}

std::string TableToMarkdown(const Table& table) {
  if (table.rows.empty()) return "";
  std::string text = MarkdownLine(NamesOf(table)) + "|";
  for (const Column& column : table.columns) {
    text += column.numeric ? " ---: |" : " --- |";
  }
  text += "\n";
  for (const Row& row : table.rows) text += MarkdownLine(row.cells);
  return text;
}

// A JSON array of what `print` makes of each element.
template <typename List, typename Print>
std::string Array(const List& list, const Print& print) {
  std::vector<std::string> values;
  for (const auto& element : list) values.push_back(print(element));
  return fmt::format("[{}]", fmt::join(values, ","));
}

std::string SectionToJson(const Section& section) {
  return fmt::format(
      R"({{"title":{},"folded":{},"items":{},"columns":{},"rows":{}}})",
      QuoteJson(section.title), section.folded,
      Array(section.items,
            [](const Item& item) {
              return fmt::format("[{},{}]", QuoteJson(item.label),
                                 QuoteJson(item.text));
            }),
      Array(section.table.columns,
            [](const Column& column) {
              return fmt::format("[{},{}]", QuoteJson(column.name),
                                 column.numeric);
            }),
      Array(section.table.rows, [](const Row& row) {
        return fmt::format("[{},{}]", row.bad, Array(row.cells, QuoteJson));
      }));
}

}  // namespace

void Table::DropEmptyColumns() {
  for (std::size_t i = columns.size(); i-- > 0;) {
    const bool empty =
        std::all_of(rows.begin(), rows.end(),
                    [&](const Row& row) { return row.cells[i].empty(); });
    if (!empty) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    columns.erase(columns.begin() + at);
    for (Row& row : rows) row.cells.erase(row.cells.begin() + at);
  }
}

void Document::Add(Section section) {
  if (section.items.empty() && section.table.rows.empty()) return;
  sections.push_back(std::move(section));
}

std::string TableToText(const Table& table) {
  if (table.rows.empty()) return "";
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(Width(table.columns[i].name));
    for (const Row& row : table.rows) {
      widths[i] = std::max(widths[i], Width(Escape(row.cells[i])));
    }
  }
  std::string text = Line(table, widths, NamesOf(table));
  for (const Row& row : table.rows) text += Line(table, widths, row.cells);
  return text;
}

std::string DocumentToText(const Document& document) {
  std::string text = Escape(document.title) + "\n";
  for (const Section& section : document.sections) {
    if (section.folded) continue;
    text += "\n" + Escape(section.title) + "\n";
    for (const Item& item : section.items) {
      text += Wrapped("-  " + Escape(item.label + ": " + item.text));
    }
    text += TableToText(section.table);
  }
  return text;
}

std::string DocumentToMarkdown(const Document& document) {
  std::string text = "## " + EscapeMarkdown(document.title) + "\n";
  for (const Section& section : document.sections) {
    if (section.folded) continue;
    text += "\n### " + EscapeMarkdown(section.title) + "\n\n";
    for (const Item& item : section.items) {
      text += fmt::format("- **{}**: {}\n", EscapeMarkdown(item.label),
                          EscapeMarkdown(item.text));
    }
    if (!section.items.empty() && !section.table.rows.empty()) text += "\n";
    text += TableToMarkdown(section.table);
  }
  return text;
}

std::string DocumentToJson(const Document& document) {
  return fmt::format(R"({{"title":{},"sections":{}}})",
                     QuoteJson(document.title),
                     Array(document.sections, SectionToJson));
}

}  // namespace pinhole::lab
