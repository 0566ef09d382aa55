// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/result.h"

#include <libpq-fe.h>

#include <bit>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "absl/base/internal/endian.h"
#include "absl/strings/numbers.h"

namespace pinhole::postgres {
namespace {

// See pg_type.dat.
constexpr Oid kBool = 16, kInt8 = 20, kInt2 = 21, kInt4 = 23, kFloat8 = 701,
              kInt8Array = 1016;

[[noreturn]] void Misread(const PGresult* result, int column,
                          const char* wanted) {
  std::fprintf(stderr,
               "column %d (%s) of a result of PostgreSQL has type %u or is "
               "null; the program expects %s\n",
               column, PQfname(result, column), PQftype(result, column),
               wanted);
  std::abort();
}

// The bytes of a value that must not be null and must have the type `type`.
const char* Value(const PGresult* result, int row, int column, Oid type,
                  const char* wanted) {
  if (PQftype(result, column) != type || PQgetisnull(result, row, column)) {
    Misread(result, column, wanted);
  }
  return PQgetvalue(result, row, column);
}

std::int64_t Load64(const char* bytes) {
  return static_cast<std::int64_t>(absl::big_endian::Load64(bytes));
}

std::int32_t Load32(const char* bytes) {
  return static_cast<std::int32_t>(absl::big_endian::Load32(bytes));
}

}  // namespace

bool Row::IsNull(int column) const {
  return PQgetisnull(result_, row_, column) != 0;
}

std::int64_t Row::Int(int column) const {
  if (IsNull(column)) Misread(result_, column, "an integer");
  const char* const bytes = PQgetvalue(result_, row_, column);
  switch (PQftype(result_, column)) {
    case kInt8:
      return Load64(bytes);
    case kInt4:
      return Load32(bytes);
    case kInt2:
      return static_cast<std::int16_t>(absl::big_endian::Load16(bytes));
    default:
      Misread(result_, column, "an integer");
  }
}

std::int32_t Row::Int32(int column) const {
  return static_cast<std::int32_t>(Int(column));
}

std::optional<std::int64_t> Row::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

bool Row::Bool(int column) const {
  return *Value(result_, row_, column, kBool, "a boolean") != 0;
}

double Row::Double(int column) const {
  return std::bit_cast<double>(absl::big_endian::Load64(
      Value(result_, row_, column, kFloat8, "a double precision number")));
}

std::string_view Row::View(int column) const {
  if (IsNull(column)) Misread(result_, column, "text or bytes");
  return {PQgetvalue(result_, row_, column),
          static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::optional<std::string> Row::OptionalText(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Text(column);
}

absl::Time Row::Time(int column) const {
  return absl::FromUnixMicros(Int(column));
}

std::vector<std::int64_t> Row::Ints(int column) const {
  const char* bytes =
      Value(result_, row_, column, kInt8Array, "an array of bigint");
  std::vector<std::int64_t> values;
  // Dimensions, whether there are nulls, and the type of elements; for each
  // dimension its length and first index; for each element its length.
  if (Load32(bytes) == 0) return values;
  if (Load32(bytes) != 1 || Load32(bytes + 4) != 0) {
    Misread(result_, column, "an array with one dimension and no nulls");
  }
  const std::int32_t count = Load32(bytes + 12);
  values.reserve(static_cast<std::size_t>(count));
  bytes += 20;
  for (std::int32_t i = 0; i < count; ++i, bytes += 12) {
    values.push_back(Load64(bytes + 4));
  }
  return values;
}

Result::Result(pg_result* result) : result_(result), size_(PQntuples(result)) {}

std::int64_t Result::rows_affected() const {
  std::int64_t rows = 0;
  // Empty for statements that have no such number.
  if (!absl::SimpleAtoi(PQcmdTuples(result_.get()), &rows)) return 0;
  return rows;
}

void Result::Free::operator()(pg_result* result) const { PQclear(result); }

}  // namespace pinhole::postgres
