// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/resource_name.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "server/base/errors.h"
#include "server/base/status_macros.h"
#include "server/domain/text.h"

namespace pinhole::rpc {
namespace {

constexpr std::string_view kUserForm = "users/{handle}";
constexpr std::string_view kSessionForm = "users/{handle}/sessions/{session}";
constexpr std::string_view kPhotoForm = "photos/{photo}";
constexpr std::string_view kCommentForm = "photos/{photo}/comments/{comment}";
constexpr std::string_view kNotificationForm = "notifications/{notification}";

absl::Status WrongForm(std::string_view field, std::string_view form) {
  return InvalidField(field, fmt::format("must be of the form {}", form));
}

std::vector<std::string_view> Segments(std::string_view name) {
  std::vector<std::string_view> segments;
  while (true) {
    const std::size_t slash = name.find('/');
    segments.push_back(name.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    name.remove_prefix(slash + 1);
  }
}

// What stands for the variables of `form` in `name`, if that is of the form.
std::optional<std::vector<std::string_view>> Match(std::string_view form,
                                                   std::string_view name) {
  const std::vector<std::string_view> wanted = Segments(form);
  const std::vector<std::string_view> found = Segments(name);
  if (wanted.size() != found.size()) return std::nullopt;
  std::vector<std::string_view> variables;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].front() == '{') {
      variables.push_back(found[i]);
    } else if (wanted[i] != found[i]) {
      return std::nullopt;
    }
  }
  return variables;
}

// A positive decimal without leading zeros: every id has one name only.
std::optional<std::int64_t> ParseId(std::string_view text) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || stop != end || id <= 0 || text[0] == '0') {
    return std::nullopt;
  }
  return id;
}

absl::StatusOr<std::string> ParseHandle(std::string_view field,
                                        std::string_view handle,
                                        std::string_view form,
                                        const Caller& caller) {
  if (handle == "me") {
    if (caller.user) return caller.handle;
    return absl::UnauthenticatedError(
        "users/me means the caller, who is not signed in");
  }
  absl::StatusOr<std::string> normalized =
      domain::NormalizeHandle(field, handle);
  if (!normalized.ok()) return WrongForm(field, form);
  return normalized;
}

// The ids in `name`, in order; nothing if it is not of the form.
std::optional<std::vector<std::int64_t>> ParseIds(std::string_view form,
                                                  std::string_view name) {
  const auto variables = Match(form, name);
  if (!variables) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (const std::string_view variable : *variables) {
    const std::optional<std::int64_t> id = ParseId(variable);
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace

absl::StatusOr<std::string> ParseUserName(std::string_view field,
                                          std::string_view name,
                                          const Caller& caller) {
  const auto variables = Match(kUserForm, name);
  if (!variables) return WrongForm(field, kUserForm);
  return ParseHandle(field, variables->at(0), kUserForm, caller);
}

absl::StatusOr<SessionName> ParseSessionName(std::string_view field,
                                             std::string_view name,
                                             const Caller& caller) {
  const auto variables = Match(kSessionForm, name);
  if (!variables) return WrongForm(field, kSessionForm);
  ASSIGN_OR_RETURN(std::string handle,
                   ParseHandle(field, variables->at(0), kSessionForm, caller));
  if (variables->at(1) == "current") {
    return SessionName{.handle = std::move(handle), .session = caller.session};
  }
  const std::optional<std::int64_t> id = ParseId(variables->at(1));
  if (!id) return WrongForm(field, kSessionForm);
  return SessionName{.handle = std::move(handle), .session = SessionId{*id}};
}

absl::StatusOr<PhotoId> ParsePhotoName(std::string_view field,
                                       std::string_view name) {
  const auto ids = ParseIds(kPhotoForm, name);
  if (!ids) return WrongForm(field, kPhotoForm);
  return PhotoId{ids->at(0)};
}

absl::StatusOr<CommentName> ParseCommentName(std::string_view field,
                                             std::string_view name) {
  const auto ids = ParseIds(kCommentForm, name);
  if (!ids) return WrongForm(field, kCommentForm);
  return CommentName{.photo = PhotoId{ids->at(0)},
                     .comment = CommentId{ids->at(1)}};
}

absl::StatusOr<NotificationId> ParseNotificationName(std::string_view field,
                                                     std::string_view name) {
  const auto ids = ParseIds(kNotificationForm, name);
  if (!ids) return WrongForm(field, kNotificationForm);
  return NotificationId{ids->at(0)};
}

std::string FormatUserName(std::string_view handle) {
  return fmt::format("users/{}", handle);
}

std::string FormatSessionName(std::string_view handle, SessionId session) {
  return fmt::format("users/{}/sessions/{}", handle, session.value);
}

std::string FormatPhotoName(PhotoId photo) {
  return fmt::format("photos/{}", photo.value);
}

std::string FormatCommentName(PhotoId photo, CommentId comment) {
  return fmt::format("photos/{}/comments/{}", photo.value, comment.value);
}

std::string FormatNotificationName(NotificationId notification) {
  return fmt::format("notifications/{}", notification.value);
}

}  // namespace pinhole::rpc
