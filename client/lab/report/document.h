// SPDX-License-Identifier: Apache-2.0

// Headings, items and tables: the one model from which the text, markdown and
// page of a report are made.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pinhole::lab {

struct Column {
  std::string name;
  bool numeric = true;  // Aligned to the right.
};

struct Row {
  std::vector<std::string> cells;  // As many as there are columns.
  bool bad = false;                // The page highlights it.
};

struct Table {
  std::vector<Column> columns = {};
  std::vector<Row> rows = {};

  void Add(std::vector<std::string> cells, bool bad = false) {
    rows.push_back({std::move(cells), bad});
  }
  // Removes the columns whose cells are all empty.
  void DropEmptyColumns();
};

struct Item {
  std::string label;
  std::string text;
};

struct Section {
  std::string title;
  std::vector<Item> items = {};
  Table table = {};
  bool folded = false;  // Details that only the page shows.
};

struct Document {
  std::string title;
  std::vector<Section> sections = {};

  // Appends a section unless it has neither items nor rows.
  void Add(Section section);
};

// Plain text for a terminal, with aligned columns.  Control characters are
// escaped.  A table without rows is empty text.
std::string TableToText(const Table& table);
std::string DocumentToText(const Document& document);

std::string DocumentToMarkdown(const Document& document);

// {"title", "sections": [{"title", "folded", "items": [[label, text]],
// "columns": [[name, numeric]], "rows": [[bad, [cell]]]}]}, without "<".
std::string DocumentToJson(const Document& document);

}  // namespace pinhole::lab
