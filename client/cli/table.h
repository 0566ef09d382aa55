// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_TABLE_H_
#define PINHOLE_CLIENT_CLI_TABLE_H_

#include <string>
#include <vector>

namespace pinhole::cli {

// Rows under a header, in columns as wide as their widest cell.  Cells may hold
// anything: they are escaped, and cut at `kMostColumns`.
class Table {
 public:
  static constexpr int kMostColumns = 60;

  explicit Table(std::vector<std::string> header);

  void AddRow(std::vector<std::string> cells);

  // One line for the header and one for each row.
  std::string Format() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_TABLE_H_
