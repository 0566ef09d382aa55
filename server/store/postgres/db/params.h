// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace pinhole::postgres {

// Bytes to pass as a bytea; strings are passed as text.
struct Bytes {
  std::string_view bytes;
};

// The values of the parameters of a statement, in their order:
//
//   Params(user, limit, "caption", Bytes{hash}, ids)
//
// The type of each argument determines the type in SQL, which is part of the
// prepared statement.  A statement must always be used with the same types.
//
//   std::int64_t, Id<Tag>            bigint
//   std::int32_t                     integer
//   bool                             boolean
//   double                           double precision
//   std::string, std::string_view    text
//   Bytes                            bytea
//   absl::Time                       bigint (microseconds since 1970)
//   std::optional<T>                 the type of T, or its null
//   std::vector<T>, std::span<T>     an array of the type of T, which may be
//                                    std::optional
//
// Copies the values.
class Params {
 public:
  Params() = default;
  template <typename... Values>
  requires(sizeof...(Values) > 0) explicit Params(const Values&... values) {
    (Add(values), ...);
  }

  template <typename T>
  Params& Add(const T& value) {
    values_.push_back({Oid(static_cast<const T*>(nullptr)), true, size(), 0});
    if (Put(value)) {
      values_.back().size = size() - values_.back().begin;
      values_.back().null = false;
    }
    return *this;
  }

  std::size_t count() const { return values_.size(); }

 private:
  friend class Connection;
  using TypeOid = std::uint32_t;

  struct Value {
    TypeOid type;
    bool null;
    std::size_t begin;  // In `buffer_`.
    std::size_t size;
  };

  static constexpr TypeOid kBool = 16, kBytea = 17, kInt8 = 20, kInt4 = 23,
                           kText = 25, kFloat8 = 701;

  static TypeOid ArrayOf(TypeOid element);

  static TypeOid Oid(const bool*) { return kBool; }
  static TypeOid Oid(const std::int64_t*) { return kInt8; }
  static TypeOid Oid(const std::int32_t*) { return kInt4; }
  static TypeOid Oid(const double*) { return kFloat8; }
  static TypeOid Oid(const std::string*) { return kText; }
  static TypeOid Oid(const std::string_view*) { return kText; }
  static TypeOid Oid(const char* const*) { return kText; }
  template <std::size_t kSize>
  static TypeOid Oid(const char (*)[kSize]) {
    return kText;
  }
  static TypeOid Oid(const Bytes*) { return kBytea; }
  static TypeOid Oid(const absl::Time*) { return kInt8; }
  template <typename Tag>
  static TypeOid Oid(const Id<Tag>*) {
    return kInt8;
  }
  template <typename T>
  static TypeOid Oid(const std::optional<T>*) {
    return Oid(static_cast<const T*>(nullptr));
  }
  template <typename T>
  static TypeOid Oid(const std::vector<T>*) {
    return ArrayOf(Oid(static_cast<const T*>(nullptr)));
  }
  template <typename T, std::size_t kExtent>
  static TypeOid Oid(const std::span<T, kExtent>*) {
    return ArrayOf(Oid(static_cast<const std::remove_const_t<T>*>(nullptr)));
  }

  // Append the binary form of a value; false if it is null.
  bool Put(bool value);
  bool Put(std::int64_t value);
  bool Put(std::int32_t value);
  bool Put(double value);
  bool Put(std::string_view value);
  bool Put(const std::string& value) { return Put(std::string_view(value)); }
  bool Put(const char* value) { return Put(std::string_view(value)); }
  bool Put(Bytes value) { return Put(value.bytes); }
  bool Put(absl::Time value) { return Put(absl::ToUnixMicros(value)); }
  template <typename Tag>
  bool Put(Id<Tag> value) {
    return Put(value.value);
  }
  template <typename T>
  bool Put(const std::optional<T>& value) {
    return value.has_value() && Put(*value);
  }
  template <typename T>
  bool Put(const std::vector<T>& values) {
    BeginArray(Oid(static_cast<const T*>(nullptr)), values.size());
    // By index, because std::vector<bool> has no references to elements.
    for (std::size_t i = 0; i < values.size(); ++i) {
      PutElement(static_cast<const T&>(values[i]));
    }
    return true;
  }
  template <typename T, std::size_t kExtent>
  bool Put(std::span<T, kExtent> values) {
    using Element = std::remove_const_t<T>;
    BeginArray(Oid(static_cast<const Element*>(nullptr)), values.size());
    for (const Element& value : values) PutElement(value);
    return true;
  }

  void BeginArray(TypeOid element, std::size_t count);
  template <typename T>
  void PutElement(const T& value) {
    const std::size_t begin = BeginElement();
    EndElement(begin, Put(value));
  }
  std::size_t BeginElement();
  void EndElement(std::size_t begin, bool has_value);

  std::size_t size() const { return buffer_.size(); }

  std::vector<Value> values_;
  std::string buffer_;
};

}  // namespace pinhole::postgres
