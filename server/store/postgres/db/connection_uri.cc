// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/connection_uri.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pinhole::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ParsedUri = std::unique_ptr<PQconninfoOption, FreeOptions>;

ParsedUri Parse(const std::string& uri) {
  return ParsedUri(PQconninfoParse(uri.c_str(), nullptr));
}

std::string Get(const ParsedUri& parsed, std::string_view name) {
  for (const PQconninfoOption* option = parsed.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (option->keyword == name) {
      return option->val == nullptr ? "" : option->val;
    }
  }
  return "";
}

}  // namespace

absl::Status CheckUri(const std::string& uri) {
  if (Parse(uri) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the connection string of PostgreSQL must have the form "
      "postgres://USER@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE");
}

std::string RedactedUri(const std::string& uri) {
  const ParsedUri parsed = Parse(uri);
  if (parsed == nullptr) return "an invalid connection string";
  const std::vector<std::string> hosts =
      absl::StrSplit(Get(parsed, "host"), ',');
  // One port for all hosts, or one for each.
  const std::vector<std::string> ports =
      absl::StrSplit(Get(parsed, "port"), ',');
  std::string result = "postgres://";
  if (const std::string user = Get(parsed, "user"); !user.empty()) {
    absl::StrAppend(&result, user, "@");
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (i > 0) result += ',';
    result += hosts[i];
    const std::string& port = ports[i < ports.size() ? i : 0];
    if (!port.empty()) absl::StrAppend(&result, ":", port);
  }
  return absl::StrCat(result, "/", Get(parsed, "dbname"));
}

std::string UriParameter(const std::string& uri, const char* name) {
  return Get(Parse(uri), name);
}

}  // namespace pinhole::postgres
