// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/writes/run_command.h"

#include <type_traits>
#include <variant>

#include "server/store/sqlite/tables/blocks.h"
#include "server/store/sqlite/tables/comments.h"
#include "server/store/sqlite/tables/file_keys.h"
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
                         TouchSession, MarkNotificationsRead, RecordUpload>;
      },
      command);
}

}  // namespace pinhole::store
