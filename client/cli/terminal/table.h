// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

namespace pinhole::cli {

// A table with a header, whose columns are as wide as their widest cell.  Cells
// can contain any text: they are escaped, and truncated at `kMaxColumns`.
class Table {
 public:
  static constexpr int kMaxColumns = 60;

  explicit Table(std::vector<std::string> header);

  void AddRow(std::vector<std::string> cells);

  // Formats the header and each row as a line.
  std::string Format() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace pinhole::cli
