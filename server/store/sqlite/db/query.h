// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "SQLiteCpp/Statement.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// Bytes to bind as a blob; strings are bound as text.
struct Blob {
  std::string_view bytes;
};

// One execution of a prepared statement, which is reset at the end.
//
//   Query query(db, kFollowers, user, limit);  // Binds ?1 and ?2.
//   while (query.Next()) use(query.Int(0), query.Text(1));
class Query {
 public:
  template <typename... Values>
  Query(Connection& connection, const Sql& sql, const Values&... values)
      : statement_(connection.Prepare(sql)) {
    int index = 0;
    (Bind(++index, values), ...);
  }
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Steps to the next row; false if there is none.
  bool Next() { return statement_.executeStep(); }
  // Runs the statement to its end.
  void Run() {
    while (Next()) {
    }
  }

  std::int64_t Int(int column) {
    return statement_.getColumn(column).getInt64();
  }
  std::int32_t Int32(int column) {
    return statement_.getColumn(column).getInt();
  }
  bool Bool(int column) { return Int(column) != 0; }
  std::string Text(int column) {
    return statement_.getColumn(column).getString();
  }
  // Valid until the next row.
  std::string_view Bytes(int column) {
    const SQLite::Column value = statement_.getColumn(column);
    return {static_cast<const char*>(value.getBlob()),
            static_cast<std::size_t>(value.getBytes())};
  }
  absl::Time Time(int column) { return absl::FromUnixMillis(Int(column)); }

 private:
  void Bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void Bind(int index, std::int32_t value) { statement_.bind(index, value); }
  void Bind(int index, const std::string& value) {
    statement_.bind(index, value);
  }
  void Bind(int index, std::string_view value) {
    statement_.bind(index, std::string(value));
  }
  void Bind(int index, Blob value) {
    statement_.bind(index, value.bytes.data(),
                    static_cast<int>(value.bytes.size()));
  }
  void Bind(int index, absl::Time value) {
    statement_.bind(index,
                    static_cast<std::int64_t>(absl::ToUnixMillis(value)));
  }
  template <typename Tag>
  void Bind(int index, Id<Tag> value) {
    statement_.bind(index, value.value);
  }
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value) {
      Bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

  SQLite::Statement& statement_;
};

}  // namespace pinhole::store
