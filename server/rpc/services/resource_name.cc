// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/resource_name.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/text/text.h"

namespace pinhole::rpc {
namespace {

constexpr std::string_view kUserForm = "users/{handle}";
constexpr std::string_view kSessionForm = "users/{handle}/sessions/{session}";
constexpr std::string_view kPhotoForm = "photos/{photo}";
constexpr std::string_view kCommentForm = "photos/{photo}/comments/{comment}";
constexpr std::string_view kNotificationForm = "notifications/{notification}";

absl::Status WrongForm(std::string_view field, std::string_view form) {
  return InvalidField(field, fmt::format("must have the form {}", form));
}

// The values of a form's variables; no form has more than two.
using Variables = std::array<std::string_view, 2>;

// Removes the first segment of `rest`, which becomes nothing after the last.
std::string_view TakeSegment(std::optional<std::string_view>& rest) {
  const std::size_t slash = rest->find('/');
  const std::string_view segment = rest->substr(0, slash);
  if (slash == std::string_view::npos) {
    rest.reset();
  } else {
    rest->remove_prefix(slash + 1);
  }
  return segment;
}

// Nothing if `name` does not have the form.
std::optional<Variables> Match(std::string_view form, std::string_view name) {
  Variables variables;
  std::size_t count = 0;
  std::optional<std::string_view> wanted = form;
  std::optional<std::string_view> found = name;
  while (wanted && found) {
    const std::string_view want = TakeSegment(wanted);
    const std::string_view segment = TakeSegment(found);
    if (want.front() == '{') {
      variables.at(count++) = segment;
    } else if (segment != want) {
      return std::nullopt;
    }
  }
  if (wanted || found) return std::nullopt;
  return variables;
}

// A positive decimal number without leading zeros, so that names are unique.
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
    return MakeError(Reason::kNotSignedIn,
                     "users/me means the caller, who must be signed in");
  }
  absl::StatusOr<std::string> normalized =
      domain::NormalizeHandle(field, handle);
  if (!normalized.ok()) return WrongForm(field, form);
  return normalized;
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
  const auto variables = Match(kPhotoForm, name);
  const auto id = variables ? ParseId(variables->at(0)) : std::nullopt;
  if (!id) return WrongForm(field, kPhotoForm);
  return PhotoId{*id};
}

absl::StatusOr<CommentName> ParseCommentName(std::string_view field,
                                             std::string_view name) {
  const auto variables = Match(kCommentForm, name);
  const auto photo = variables ? ParseId(variables->at(0)) : std::nullopt;
  const auto comment = variables ? ParseId(variables->at(1)) : std::nullopt;
  if (!photo || !comment) return WrongForm(field, kCommentForm);
  return CommentName{.photo = PhotoId{*photo}, .comment = CommentId{*comment}};
}

absl::StatusOr<NotificationId> ParseNotificationName(std::string_view field,
                                                     std::string_view name) {
  const auto variables = Match(kNotificationForm, name);
  const auto id = variables ? ParseId(variables->at(0)) : std::nullopt;
  if (!id) return WrongForm(field, kNotificationForm);
  return NotificationId{*id};
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

std::string FormatRemovedName(const Removal& removal) {
  switch (removal.kind) {
    case Removal::Kind::kPhoto:
      return FormatPhotoName(removal.photo);
    case Removal::Kind::kComment:
      return FormatCommentName(removal.photo, removal.comment);
    case Removal::Kind::kUser:
      return FormatUserName(removal.owner);
  }
  return "";
}

}  // namespace pinhole::rpc
