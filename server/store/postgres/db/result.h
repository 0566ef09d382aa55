// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

struct pg_result;  // libpq's

namespace pinhole::postgres {

// A row of a Result, which must outlive it.  Reading a column with a method of
// another type, or a null with any but the optional ones, is a bug and ends the
// program.
class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  bool IsNull(int column) const;
  // smallint, integer and bigint.  The sum of bigints is numeric in SQL and
  // must be cast.
  std::int64_t Int(int column) const;
  std::int32_t Int32(int column) const;
  std::optional<std::int64_t> OptionalInt(int column) const;
  bool Bool(int column) const;
  double Double(int column) const;
  // text, or bytea.  `View` is valid as long as the result.
  std::string Text(int column) const { return std::string(View(column)); }
  std::string_view View(int column) const;
  std::optional<std::string> OptionalText(int column) const;
  // A bigint that counts microseconds since 1970.
  absl::Time Time(int column) const;
  // bigint[] without nulls.
  std::vector<std::int64_t> Ints(int column) const;

 private:
  const pg_result* result_;
  int row_;
};

// The answer to a statement: its rows in memory.
//
//   for (const Row row : result) use(row.Int(0), row.Text(1));
class Result {
 public:
  // Takes ownership.
  explicit Result(pg_result* result);

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Row operator[](int row) const { return {result_.get(), row}; }

  // The number of rows that an INSERT, UPDATE or DELETE affected or a SELECT
  // returned.
  std::int64_t rows_affected() const;

  class Iterator {
   public:
    Iterator(const pg_result* result, int row) : result_(result), row_(row) {}
    Row operator*() const { return {result_, row_}; }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return row_ == other.row_; }

   private:
    const pg_result* result_;
    int row_;
  };
  Iterator begin() const { return {result_.get(), 0}; }
  Iterator end() const { return {result_.get(), size_}; }

 private:
  struct Free {
    void operator()(pg_result* result) const;
  };

  std::unique_ptr<pg_result, Free> result_;
  int size_;
};

}  // namespace pinhole::postgres
