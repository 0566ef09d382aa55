// SPDX-License-Identifier: Apache-2.0

// Tables before they are text, so that every form of a report has the same.

#ifndef PINHOLE_CLIENT_LAB_REPORT_GRID_H_
#define PINHOLE_CLIENT_LAB_REPORT_GRID_H_

#include <string>
#include <utility>
#include <vector>

namespace pinhole::lab {

struct Column {
  enum class Kind { kWords, kFigures };

  std::string name;
  Kind kind = Kind::kFigures;
};

struct Row {
  enum class Mark { kNone, kGood, kBad };

  std::vector<std::string> cells;  // As many as there are columns.
  Mark mark = Mark::kNone;
};

struct Grid {
  std::vector<Column> columns;
  std::vector<Row> rows;

  bool empty() const { return rows.empty(); }
  void Add(std::vector<std::string> cells, Row::Mark mark = Row::Mark::kNone) {
    rows.push_back({std::move(cells), mark});
  }
  // Takes out the column `name`, if there is one.
  void Drop(const std::string& name);
  // The same, if its cells are all "0" or empty.
  void DropIfNothing(const std::string& name);
};

// All are empty for a grid without rows.  What cells contain cannot break out
// of the table.
std::string GridToText(const Grid& grid);
std::string GridToMarkdown(const Grid& grid);
std::string GridToHtml(const Grid& grid);

// Text for a place in markdown where it is to mean only itself.
std::string EscapeMarkdown(const std::string& text);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_GRID_H_
