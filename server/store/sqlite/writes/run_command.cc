// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/writes/run_command.h"

#include <type_traits>
#include <variant>

#include "server/store/sqlite/tables/blocks.h"
#include "server/store/sqlite/tables/comments.h"
#include "server/store/sqlite/tables/follows.h"
#include "server/store/sqlite/tables/likes.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/users.h"

namespace pinhole::store {
namespace {

template <typename C, typename... Frequent>
constexpr bool kIsOneOf = (std::is_same_v<C, Frequent> || ...);

template <typename C>
std::size_t TextBytes(const C&) {
  return 0;
}
std::size_t TextBytes(const RequestKey& r) {
  return r.key.size() + r.fingerprint.size();
}
std::size_t TextBytes(const CreateUser& c) {
  return c.handle.size() + c.display_name.size() + c.password_hash.size() +
         TextBytes(c.request);
}
std::size_t TextBytes(const UpdateUser& c) {
  return (c.display_name ? c.display_name->size() : 0) +
         (c.bio ? c.bio->size() : 0);
}
std::size_t TextBytes(const CreateSession& c) {
  return c.token_hash.size() + c.password_hash.size() + TextBytes(c.request);
}
std::size_t TextBytes(const AddPhoto& c) {
  return c.file_key.size() + c.caption.size() + c.alt_text.size() +
         c.content_type.size() + TextBytes(c.request);
}
std::size_t TextBytes(const UpdatePhoto& c) {
  return (c.caption ? c.caption->size() : 0) +
         (c.alt_text ? c.alt_text->size() : 0);
}
std::size_t TextBytes(const ReplacePhotoFiles& c) {
  return c.old_file_key.size() + c.new_file_key.size() + c.content_type.size();
}
std::size_t TextBytes(const CreateComment& c) {
  return c.text.size() + TextBytes(c.request);
}
std::size_t TextBytes(const ForgetGarbage& c) {
  std::size_t bytes = 0;
  for (const std::string& key : c.file_keys) {
    bytes += sizeof(std::string) + key.size();
  }
  return bytes;
}

}  // namespace

absl::StatusOr<CommandResult> RunCommand(WriteTransaction& transaction,
                                         const Command& command) {
  return std::visit(
      [&transaction](const auto& c) -> absl::StatusOr<CommandResult> {
        auto result = Apply(transaction, c);
        if (!result.ok()) return std::move(result).status();
        return CommandResult(*std::move(result));
      },
      command);
}

bool NeedsSavepoint(const Command& command) {
  return std::visit(
      [](const auto& c) {
        return !kIsOneOf<std::decay_t<decltype(c)>, LikePhoto, UnlikePhoto,
                         FollowUser, UnfollowUser, CreateComment, CreateSession,
                         TouchSession, MarkNotificationsRead>;
      },
      command);
}

std::size_t SizeOf(const Command& command) {
  return sizeof(Command) +
         std::visit([](const auto& c) { return TextBytes(c); }, command);
}

}  // namespace pinhole::store
