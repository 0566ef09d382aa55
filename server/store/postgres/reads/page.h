// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "server/store/postgres/db/result.h"
#include "server/store/store_reader.h"

namespace pinhole::postgres {

// The key below which a list in descending order continues.
inline std::int64_t Below(PageRequest page) {
  return page.after == 0 ? std::numeric_limits<std::int64_t>::max()
                         : page.after;
}

// One more row than the page has tells whether there is another page.
inline std::int64_t RowsFor(PageRequest page) {
  return static_cast<std::int64_t>(page.limit) + 1;
}

// Reads up to `limit` rows of a result that has at most one more.  Column 0 is
// the key of the list; it is null in a row that only says that the list exists.
// `read` converts a row, or returns nullopt for one that is not shown, because
// its user is being deleted.
template <typename T, typename Read>
Page<T> ReadPage(const Result& result, int limit, Read read) {
  Page<T> page;
  std::int64_t key = 0;
  int rows = 0;
  for (const Row row : result) {
    if (row.IsNull(0)) break;
    if (rows++ == limit) {
      page.next = key;
      break;
    }
    key = row.Int(0);
    if (std::optional<T> item = read(row))
      page.items.push_back(*std::move(item));
  }
  return page;
}

}  // namespace pinhole::postgres
