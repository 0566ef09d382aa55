// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <boost/pfr.hpp>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/core/demangle.hpp"
#include "server/model/ids.h"

namespace pinhole::testing {

// Values of the store's interface as text, including all members: values are
// equal exactly if their texts are.
struct Text {
  static std::string Of(const std::string& text) {
    return absl::StrCat("\"", absl::CHexEscape(text), "\"");
  }
  static std::string Of(bool value) { return value ? "true" : "false"; }
  template <std::integral T>
  static std::string Of(T value) {
    return absl::StrCat(value);
  }
  template <typename T>
  requires std::is_enum_v<T>
  static std::string Of(T value) {
    return absl::StrCat(static_cast<int>(value));
  }
  template <typename Tag>
  static std::string Of(const Id<Tag>& id) {
    return absl::StrCat(id.value);
  }
  static std::string Of(absl::Time time) {
    return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
  }
  // Includes the details of base/errors.h, sorted: absl shuffles payloads.
  static std::string Of(const absl::Status& status) {
    std::map<std::string, std::string> details;
    status.ForEachPayload(
        [&details](absl::string_view url, const absl::Cord& payload) {
          details.emplace(url, payload);
        });
    std::string text =
        status.ToString(absl::StatusToStringMode::kWithNoExtraData);
    for (const auto& [url, payload] : details) {
      absl::StrAppend(&text, " [", url, "=", absl::CHexEscape(payload), "]");
    }
    return text;
  }
  template <typename T>
  static std::string Of(const absl::StatusOr<T>& result) {
    return result.ok() ? Of(*result) : Of(result.status());
  }
  template <typename T>
  static std::string Of(const std::optional<T>& value) {
    return value ? Of(*value) : "none";
  }
  template <typename T>
  static std::string Of(const std::vector<T>& values) {
    std::string text;
    for (const T& value : values) absl::StrAppend(&text, "\n  ", Of(value));
    return absl::StrCat("[", text, "]");
  }
  // A digest.
  template <std::size_t N>
  static std::string Of(const std::array<char, N>& bytes) {
    return Of(std::string(bytes.data(), bytes.size()));
  }
  template <typename T, std::size_t N>
  static std::string Of(const std::array<T, N>& values) {
    return Of(std::vector<T>(values.begin(), values.end()));
  }
  template <typename... T>
  static std::string Of(const std::variant<T...>& value) {
    return std::visit([](const auto& v) { return Of(v); }, value);
  }
  template <typename T>
  requires std::is_aggregate_v<T>
  static std::string Of(const T& value) {
    std::string text = boost::core::demangle(typeid(T).name());
    boost::pfr::for_each_field(value, [&text](const auto& member) {
      absl::StrAppend(&text, ", ", Of(member));
    });
    return absl::StrCat("(", text, ")");
  }
};

}  // namespace pinhole::testing
