// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/credentials.h"

#include <fstream>
#include <string_view>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace pinhole::media::s3 {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

absl::StatusOr<Credentials> ReadCredentials(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    return absl::InvalidArgumentError(
        fmt::format("cannot read the credentials file {}", path.string()));
  }
  Credentials credentials;
  bool wanted = false;  // Whether the current section is [default].
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::string_view text = Trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.front() == '[') {
      wanted = text == "[default]";
      continue;
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return absl::InvalidArgumentError(fmt::format(
          "{} line {}: must be a section in brackets or NAME = VALUE",
          path.string(), number));
    }
    if (!wanted) continue;
    const std::string_view name = Trim(text.substr(0, equals));
    const std::string value(Trim(text.substr(equals + 1)));
    if (name == "aws_access_key_id") credentials.access_key_id = value;
    if (name == "aws_secret_access_key") credentials.secret_access_key = value;
    if (name == "aws_session_token") credentials.session_token = value;
  }
  if (credentials.access_key_id.empty() ||
      credentials.secret_access_key.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("{} must set aws_access_key_id and aws_secret_access_key "
                    "in its section [default]",
                    path.string()));
  }
  return credentials;
}

}  // namespace pinhole::media::s3
