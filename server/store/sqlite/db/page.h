// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/store.h"

namespace pinhole::store {

// The key below which a list in descending order continues.
inline std::int64_t Below(PageRequest page) {
  return page.after == 0 ? std::numeric_limits<std::int64_t>::max()
                         : page.after;
}

// One more row than the page has tells whether there is another page.
inline int RowsFor(PageRequest page) { return page.limit + 1; }

// A list as a parameter for `json_each`.
template <typename Id>
std::string JsonArray(const std::vector<Id>& ids) {
  std::string array = "[";
  for (const Id id : ids) {
    if (array.size() > 1) array += ',';
    array += std::to_string(id.value);
  }
  return array += ']';
}

// Reads up to `limit` rows of a query that selects one more.  Column 0 is the
// key of the list; `read` converts the current row.
template <typename T, typename Read>
Page<T> ReadPage(Query& query, int limit, Read read) {
  Page<T> page;
  std::int64_t key = 0;
  while (query.Next()) {
    if (page.items.size() == static_cast<std::size_t>(limit)) {
      page.next = key;
      break;
    }
    key = query.Int(0);
    page.items.push_back(read(query));
  }
  return page;
}

}  // namespace pinhole::store
