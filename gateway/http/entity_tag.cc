// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/entity_tag.h"

#include <algorithm>

namespace pinhole::gateway {
namespace {

constexpr std::string_view kWeak = "W/";

bool IsWeak(std::string_view etag) {
  return etag.substr(0, kWeak.size()) == kWeak;
}

std::string_view StrongPart(std::string_view etag) {
  return IsWeak(etag) ? etag.substr(kWeak.size()) : etag;
}

// Takes the first entry of a list, in which quoted text can contain commas;
// empty at the end.
std::string_view TakeTag(std::string_view* list) {
  list->remove_prefix(std::min(list->find_first_not_of(" \t,"), list->size()));
  const std::size_t open = IsWeak(*list) ? kWeak.size() : 0;
  std::size_t end = std::min(list->find_first_of(" \t,"), list->size());
  if (open < list->size() && (*list)[open] == '"') {
    end = std::min(list->find('"', open + 1), list->size() - 1) + 1;
  }
  const std::string_view tag = list->substr(0, end);
  list->remove_prefix(end);
  return tag;
}

}  // namespace

bool MatchesEtag(std::string_view if_none_match, std::string_view etag) {
  if (etag.empty()) return false;
  std::string_view tag;
  while (!(tag = TakeTag(&if_none_match)).empty()) {
    if (tag == "*" || StrongPart(tag) == StrongPart(etag)) return true;
  }
  return false;
}

bool MeetsIfMatch(const RequestHead& head, std::string_view etag) {
  bool asked = false;
  for (const auto& [name, value] : head.headers) {
    if (name != "if-match") continue;
    asked = true;
    std::string_view list = value;
    std::string_view tag;
    while (!(tag = TakeTag(&list)).empty()) {
      if (tag == "*" || (tag == etag && !IsWeak(tag))) return true;
    }
  }
  return !asked;
}

bool MatchesIfRange(std::string_view if_range, std::string_view etag) {
  if (if_range.empty()) return true;
  return if_range == etag && etag.front() == '"';
}

}  // namespace pinhole::gateway
