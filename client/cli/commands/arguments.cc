// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/arguments.h"

#include <istream>
#include <limits>
#include <string_view>
#include <vector>

#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "pinhole/names.h"

namespace pinhole::cli {
namespace {

using ToName = absl::StatusOr<std::string> (*)(std::string_view text);

auto Named(ToName to_name) {
  return [to_name](std::string& text) -> std::string {
    const auto name = to_name(text);
    if (!name.ok()) return std::string(name.status().message());
    text = *name;
    return "";
  };
}

absl::StatusOr<std::string> CommentName(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), '/');
  if (parts.size() == 4 && parts[0] == "photos" && parts[2] == "comments" &&
      client::PhotoName(parts[1]).ok() && !parts[3].empty()) {
    return std::string(text);
  }
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is not a comment, which must be like photos/123/comments/4",
      text));
}

}  // namespace

std::shared_ptr<std::string> AddHandle(CliCommand command) {
  auto handle = std::make_shared<std::string>();
  command
      .Add("HANDLE", *handle, "User, for example ansel, @ansel or users/ansel")
      .Required()
      .Transform(Named(client::UserName));
  return handle;
}

std::shared_ptr<std::string> AddOptionalHandle(CliCommand command) {
  auto handle = std::make_shared<std::string>("users/me");
  command
      .Add("HANDLE", *handle,
           "User, for example ansel; the signed-in user by default")
      .Transform(Named(client::UserName));
  return handle;
}

std::shared_ptr<std::string> AddPhoto(CliCommand command) {
  auto photo = std::make_shared<std::string>();
  command.Add("PHOTO", *photo, "Photo, for example photos/123 or 123")
      .Required()
      .Transform(Named(client::PhotoName));
  return photo;
}

std::shared_ptr<std::string> AddComment(CliCommand command) {
  auto comment = std::make_shared<std::string>();
  command
      .Add("COMMENT", *comment,
           "Comment, for example photos/123/comments/4, as `pinhole comments` "
           "shows it")
      .Required()
      .Transform(Named(CommentName));
  return comment;
}

std::shared_ptr<int> AddLimit(CliCommand command) {
  auto limit = std::make_shared<int>(20);
  const auto zero_means_all = [](std::string& text) -> std::string {
    if (text == "0") text = std::to_string(std::numeric_limits<int>::max());
    return "";
  };
  command
      .Add("--limit", *limit, "Maximum number of entries to show; 0 shows all")
      .NotNegative()
      .Transform(zero_means_all)
      .ShowDefault();
  return limit;
}

std::shared_ptr<bool> AddPasswordStdin(CliCommand command) {
  auto from_stdin = std::make_shared<bool>(false);
  command.AddFlag("--password-stdin", *from_stdin,
                  "Read the password from standard input, a line for each "
                  "password");
  return from_stdin;
}

absl::StatusOr<std::string> ReadPassword(const Terminal& terminal,
                                         bool from_stdin,
                                         const std::string& variable,
                                         const std::string& prompt) {
  if (from_stdin) {
    std::string line;
    if (!std::getline(terminal.in, line)) {
      return absl::FailedPreconditionError(
          "standard input is empty; write the password to it as one line");
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }
  if (auto password = terminal.env(variable); !password.empty()) {
    return password;
  }
  return terminal.ask_secret(prompt);
}

absl::StatusOr<std::string> ReadNewPassword(const Terminal& terminal,
                                            bool from_stdin,
                                            const std::string& variable,
                                            const std::string& prompt) {
  auto password = ReadPassword(terminal, from_stdin, variable, prompt);
  const bool typed = !from_stdin && terminal.env(variable).empty();
  if (!password.ok() || !typed) return password;
  const auto again = terminal.ask_secret("Repeat the password: ");
  if (!again.ok()) return again.status();
  if (*again != *password) {
    return absl::FailedPreconditionError(
        "the two passwords are not the same; try again");
  }
  return password;
}

}  // namespace pinhole::cli
