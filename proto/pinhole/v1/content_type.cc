// SPDX-License-Identifier: Apache-2.0

#include "pinhole/v1/content_type.h"

#include <algorithm>
#include <array>

namespace pinhole::v1 {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

// Types that programs declare for files of unknown type.  Object stores and old
// mail programs use the forms with `binary/` and `x-`.
constexpr std::array<std::string_view, 7> kUnspecific = {
    "",
    "*/*",
    "*",  // Java's HttpURLConnection.
    "application/octet-stream",
    "application/x-octet-stream",
    "binary/octet-stream",
    "application/x-www-form-urlencoded"};

// Whether `type` is `image/*` for a type such as `image/png`.
bool Covers(std::string_view type, std::string_view accepted) {
  const std::size_t star = type.find("/*");
  return star != std::string_view::npos && star + 2 == type.size() &&
         accepted.substr(0, star + 1) == type.substr(0, star + 1);
}

}  // namespace

std::string MediaType(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  type.remove_prefix(std::min(type.find_first_not_of(kBlanks), type.size()));
  // One past the last character, or 0 if there is none.
  type = type.substr(0, type.find_last_not_of(kBlanks) + 1);
  std::string lower(type);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsUnspecific(std::string_view content_type) {
  const std::string type = MediaType(content_type);
  return std::find(kUnspecific.begin(), kUnspecific.end(), type) !=
         kUnspecific.end();
}

bool MayBeAccepted(std::string_view content_type, const RawBody& upload) {
  if (upload.content_types().empty() || IsUnspecific(content_type)) return true;
  const std::string type = MediaType(content_type);
  const auto is_it = [&type](const std::string& accepted) {
    return type == MediaType(accepted) || Covers(type, MediaType(accepted));
  };
  const auto& types = upload.content_types();
  const auto& names = upload.content_type_synonyms();
  return std::any_of(types.begin(), types.end(), is_it) ||
         std::any_of(names.begin(), names.end(), is_it);
}

std::string AcceptedTypes(const RawBody& upload) {
  std::string list;
  for (const std::string& type : upload.content_types()) {
    list += (list.empty() ? "" : ", ") + type;
  }
  return list;
}

}  // namespace pinhole::v1
