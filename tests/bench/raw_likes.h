// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "server/model/ids.h"

namespace pinhole::bench {

// The bound of durable likes: SQLite itself, on a store's closed database, with
// the store's settings and without its queue, threads, savepoints and classes.
class RawLikes {
 public:
  // What a like consists of.
  enum class Statements {
    kAsStore,     // Is the photo visible?  Row, count, notification.
    kWritesOnly,  // Row, count, notification: what nobody can save.
  };

  explicit RawLikes(const std::filesystem::path& database);
  ~RawLikes();
  RawLikes(const RawLikes&) = delete;
  RawLikes& operator=(const RawLikes&) = delete;

  void Begin() { Execute("BEGIN IMMEDIATE"); }
  void Like(Statements statements, UserId user, PhotoId photo);
  void Commit();

 private:
  void Execute(const char* sql);
  sqlite3_stmt* Prepare(const std::string& sql);

  sqlite3* db_ = nullptr;
  sqlite3_stmt* find_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* count_ = nullptr;
  sqlite3_stmt* notify_ = nullptr;
  sqlite3_stmt* save_id_ = nullptr;
  std::int64_t last_id_ = 0;
  absl::flat_hash_map<std::int64_t, std::int64_t> owners_;  // Of the photos.
};

}  // namespace pinhole::bench
