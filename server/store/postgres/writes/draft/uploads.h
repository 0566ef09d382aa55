// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <set>
#include <string>
#include <vector>

#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/db/result.h"

namespace pinhole::postgres {

// The records of uploads that the photos of a batch take.
class Uploads {
 public:
  void Want(const std::string& file_key) { wanted_.insert(file_key); }

  // Locks the records, so that none is given up meanwhile.
  void Lock(Pipeline& pipeline);
  void Read(const std::vector<Result>& results);

  // False if there is no record, or no longer.
  bool Take(const std::string& file_key);

  void Save(Pipeline& pipeline) const;

 private:
  std::set<std::string> wanted_;
  std::set<std::string> recorded_;
  std::vector<std::string> taken_;
  std::size_t result_ = 0;  // Index of the result of `Lock`.
};

}  // namespace pinhole::postgres
