// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <optional>

namespace pinhole::postgres {

// Rows of a table by key, as they are stored and as the batch leaves them.
template <typename Key, typename Row>
class ChangedRows {
 public:
  // The row as it is stored.
  void Load(const Key& key, const Row& row) { rows_[key] = {row, row}; }

  // The row as the commands so far leave it, or null.
  const Row* Find(const Key& key) const {
    const auto found = rows_.find(key);
    if (found == rows_.end() || !found->second.current) return nullptr;
    return &*found->second.current;
  }
  void Put(const Key& key, const Row& row) { rows_[key].current = row; }
  void Erase(const Key& key) { rows_[key].current.reset(); }

  // Calls `use(key, row)` for stored rows to delete, and for rows to insert
  // afterwards.  A row that is replaced is both.  In the order of the keys.
  template <typename Use>
  void ForEachDeleted(Use use) const {
    for (const auto& [key, row] : rows_) {
      if (row.stored && row.stored != row.current) use(key, *row.stored);
    }
  }
  template <typename Use>
  void ForEachInserted(Use use) const {
    for (const auto& [key, row] : rows_) {
      if (row.current && row.stored != row.current) use(key, *row.current);
    }
  }

 private:
  struct Versions {
    std::optional<Row> stored;
    std::optional<Row> current;
  };
  std::map<Key, Versions> rows_;
};

}  // namespace pinhole::postgres
