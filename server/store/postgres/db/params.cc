// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/params.h"

#include <bit>
#include <cstdlib>

#include "absl/base/internal/endian.h"

namespace pinhole::postgres {
namespace {

void Put32(std::string& buffer, std::uint32_t value) {
  char bytes[4];
  absl::big_endian::Store32(bytes, value);
  buffer.append(bytes, sizeof(bytes));
}

void Put64(std::string& buffer, std::uint64_t value) {
  char bytes[8];
  absl::big_endian::Store64(bytes, value);
  buffer.append(bytes, sizeof(bytes));
}

}  // namespace

// The numbers of types are the same in all versions of PostgreSQL
// (pg_type.dat).
Params::TypeOid Params::ArrayOf(TypeOid element) {
  switch (element) {
    case kBool:
      return 1000;
    case kBytea:
      return 1001;
    case kInt4:
      return 1007;
    case kText:
      return 1009;
    case kInt8:
      return 1016;
    case kFloat8:
      return 1022;
    default:
      std::abort();  // An array of arrays.
  }
}

bool Params::Put(bool value) {
  buffer_ += value ? '\1' : '\0';
  return true;
}

bool Params::Put(std::int64_t value) {
  Put64(buffer_, static_cast<std::uint64_t>(value));
  return true;
}

bool Params::Put(std::int32_t value) {
  Put32(buffer_, static_cast<std::uint32_t>(value));
  return true;
}

bool Params::Put(double value) {
  Put64(buffer_, std::bit_cast<std::uint64_t>(value));
  return true;
}

bool Params::Put(std::string_view value) {
  buffer_ += value;
  return true;
}

void Params::BeginArray(TypeOid element, std::size_t count) {
  Put32(buffer_, count > 0 ? 1 : 0);  // Dimensions.
  Put32(buffer_, 1);                  // Nulls are possible.
  Put32(buffer_, element);
  if (count == 0) return;
  Put32(buffer_, static_cast<std::uint32_t>(count));
  Put32(buffer_, 1);  // The index of the first element.
}

std::size_t Params::BeginElement() {
  Put32(buffer_, 0);  // Replaced by `EndElement`.
  return size();
}

void Params::EndElement(std::size_t begin, bool has_value) {
  const auto length = has_value ? static_cast<std::uint32_t>(size() - begin)
                                : ~std::uint32_t{0};  // -1: null.
  absl::big_endian::Store32(&buffer_[begin - 4], length);
}

}  // namespace pinhole::postgres
