// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "google/protobuf/empty.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "server/domain/accounts.h"
#include "server/domain/feed.h"
#include "server/domain/social.h"
#include "server/domain/text/token_signer.h"
#include "server/rpc/call.h"
#include "server/rpc/message_stream.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Answers pinhole.v1.SocialService.  Thread-safe.
class SocialService {
 public:
  // All arguments must outlive this object.
  SocialService(domain::Social& social, domain::Feed& feed,
                domain::Accounts& accounts, const domain::TokenSigner& signer);

  // Adds the handlers, which refer to this object.
  void AddTo(Registry& registry);

 private:
  template <typename T>
  using Answer = Task<absl::StatusOr<T>>;

  Answer<v1::Comment> CreateComment(Call&, const v1::CreateCommentRequest&);
  Answer<google::protobuf::Empty> DeleteComment(
      Call&, const v1::DeleteCommentRequest&);
  Answer<v1::MarkNotificationsReadResponse> MarkNotificationsRead(
      Call&, const v1::MarkNotificationsReadRequest&);
  Task<absl::Status> WatchFeed(Call&, const v1::WatchFeedRequest&,
                               MessageWriter&);

  domain::Social& social_;
  domain::Feed& feed_;
  domain::Accounts& accounts_;
  const domain::TokenSigner& signer_;
};

}  // namespace pinhole::rpc
