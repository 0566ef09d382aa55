// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "base/async/executor.h"
#include "base/async/task.h"
#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/health.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

class CountingObserver final : public Dispatch::Observer {
 public:
  void Started(const Method&) override { ++started; }
  void MessageReceived(const Method&) override { ++received; }
  void MessageSent(const Method&) override { ++sent; }
  void Handled(const Method&, const Call&, const absl::Status& status,
               absl::Duration) override {
    last_code = status.code();
    ++handled;
  }

  std::atomic<int> started = 0;
  std::atomic<int> received = 0;
  std::atomic<int> sent = 0;
  std::atomic<int> handled = 0;
  std::atomic<absl::StatusCode> last_code = absl::StatusCode::kOk;
};

// A few methods with small handlers, and a dispatch that accepts the tokens
// "good", of the user "ansel", and "admin", of the same user as an
// administrator.
struct FrontWorld {
  using Get = std::function<Task<absl::StatusOr<v1::Photo>>(
      Call&, const v1::GetPhotoRequest&)>;

  explicit FrontWorld(Dispatch::Options options = {})
      : dispatch(registry, SignIn, observer, std::move(options)) {
    registry.Unary<v1::GetPhotoRequest, v1::Photo>(
        "pinhole.v1.PhotoService.GetPhoto",
        [this](Call& call, const v1::GetPhotoRequest& request) {
          return get_photo(call, request);
        });
    registry.Unary<v1::DeletePhotoRequest, google::protobuf::Empty>(
        "pinhole.v1.PhotoService.DeletePhoto",
        [](Call&, const v1::DeletePhotoRequest&)
            -> Task<absl::StatusOr<google::protobuf::Empty>> {
          co_return google::protobuf::Empty();
        });
    registry.ClientStreaming<v1::UploadPhotoRequest, v1::Photo>(
        "pinhole.v1.PhotoService.UploadPhoto",
        [this](Call&, MessageReader& requests) { return Upload(requests); });
    registry
        .ServerStreaming<v1::DownloadPhotoRequest, v1::DownloadPhotoResponse>(
            "pinhole.v1.PhotoService.DownloadPhoto",
            [this](Call&, const v1::DownloadPhotoRequest&,
                   MessageWriter& responses) { return Download(responses); });
    registry.ServerStreaming<v1::WatchFeedRequest, v1::WatchFeedResponse>(
        "pinhole.v1.SocialService.WatchFeed",
        [this](Call& call, const v1::WatchFeedRequest&,
               MessageWriter& responses) { return Watch(call, responses); });
    registry.Unary<v1::CreateBackupRequest, v1::Backup>(
        "pinhole.v1.AdminService.CreateBackup",
        [](Call&, const v1::CreateBackupRequest&)
            -> Task<absl::StatusOr<v1::Backup>> { co_return v1::Backup(); });
    health.AddTo(registry);
  }

  static Task<absl::StatusOr<v1::Photo>> EchoName(
      Call&, const v1::GetPhotoRequest& request) {
    v1::Photo photo;
    photo.set_name(request.name());
    co_return photo;
  }

  static Task<absl::StatusOr<Caller>> SignIn(std::string_view token) {
    if (token != "good" && token != "admin") {
      co_return absl::UnauthenticatedError("no such token");
    }
    co_return Caller{.user = {1},
                     .session = {2},
                     .handle = "ansel",
                     .administrator = token == "admin"};
  }

  // Answers with the number of bytes as the size.
  Task<absl::StatusOr<v1::Photo>> Upload(MessageReader& requests) {
    v1::Photo photo;
    std::int64_t bytes = 0;
    while (true) {
      v1::UploadPhotoRequest request;
      const absl::StatusOr<bool> more = co_await requests.Read(&request);
      if (!more.ok()) {
        upload_ended_with = more.status();
        upload_failed.Notify();
        co_return more.status();
      }
      if (!*more) break;
      bytes += static_cast<std::int64_t>(request.chunk().size());
      if (!upload_began.HasBeenNotified()) upload_began.Notify();
    }
    photo.set_size_bytes(bytes);
    co_return photo;
  }

  Task<absl::Status> Download(MessageWriter& responses) {
    for (int i = 0; i < download_chunks; ++i) {
      v1::DownloadPhotoResponse response;
      response.set_chunk(std::string(1000, 'x'));
      const absl::Status written = co_await responses.Write(response);
      if (!written.ok()) {
        download_failed.Notify();
        co_return written;
      }
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Watch(Call& call, MessageWriter& responses) {
    const absl::Status begun = co_await responses.Begin();
    if (!begun.ok()) co_return begun;
    v1::WatchFeedResponse response;
    const absl::Status written = co_await responses.Write(response);
    if (!written.ok()) co_return written;
    while (!call.stop.stop_requested()) {
      co_await pinhole::SleepFor(absl::Milliseconds(1));
    }
    watch_stopped.Notify();
    co_return absl::CancelledError("told to stop");
  }

  Get get_photo = EchoName;
  int download_chunks = 3;
  absl::Notification download_failed;
  absl::Notification upload_began;
  absl::Notification upload_failed;
  absl::Status upload_ended_with;
  absl::Notification watch_stopped;
  CountingObserver observer;
  Health health{{"pinhole.v1.PhotoService"}};
  Registry registry;
  Dispatch dispatch;
};

}  // namespace pinhole::rpc
