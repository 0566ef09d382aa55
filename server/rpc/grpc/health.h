// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/async/task.h"
#include "grpc/health/v1/health.pb.h"
#include "server/rpc/call.h"
#include "server/rpc/message_stream.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Answers grpc.health.v1.Health: either all services, and "" for the whole
// server, are serving, or none.  Uploads have a status of their own, under the
// name of their method.  Not serving at first.  `Check` also says why a service
// is not serving, in the trailer `kReason`, or for one that is, what is known
// about acknowledged writes, in the trailer `kDurability`.  Thread-safe.
class Health {
 public:
  // The full name of the method that uploads photos.
  static constexpr std::string_view kUploads =
      "pinhole.v1.PhotoService.UploadPhoto";

  static constexpr std::string_view kReason = "x-pinhole-not-serving";
  static constexpr std::string_view kDurability = "x-pinhole-durability";

  // `services` are full names.
  explicit Health(std::vector<std::string> services);

  // Adds the handlers, which refer to this object.
  void AddTo(Registry& registry);

  void SetServing(bool serving);
  // Not serving from now on, regardless of the other settings.
  void Fail();
  // Not serving while set, regardless of `SetServing`.
  void SetStalled(bool stalled);
  // Not serving while the store cannot be used, for a reason in ASCII that
  // everybody may know.  Null: it can be used, as at first.
  void SetStoreProblem(const char* reason);
  // What acknowledged writes survive, in ASCII.  Null: there is nothing to say,
  // as at first.
  void SetDurability(const char* text);
  // Whether photos can be uploaded; true at first.
  void SetUploads(bool possible);
  bool serving() const;

 private:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;
  using Wake = absl::AnyInvocable<void(bool)>;

  // Errors: NOT_FOUND (service).
  Task<absl::StatusOr<Response>> Check(Call& call, const Request& request);
  // Continues until the client disconnects or the server shuts down.
  Task<absl::Status> Watch(Call& call, const Request& request,
                           MessageWriter& responses);

  template <typename T>
  void Set(T Health::*which, T value);
  Response::ServingStatus StatusOf(const std::string& service) const;
  // Why not all services are serving.
  std::string_view Why() const;
  const char* durability() const;
  // Waits until the version differs from `version` (true) or `stop` (false).
  Task<bool> Change(std::int64_t version, std::stop_token stop);
  std::int64_t version() const;
  // Wakes a waiter, unless it was woken before.
  void Forget(std::int64_t waiter, bool changed);

  const std::set<std::string> services_;
  mutable absl::Mutex mutex_;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  const char* store_problem_ ABSL_GUARDED_BY(mutex_) = nullptr;
  const char* durability_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool uploads_ ABSL_GUARDED_BY(mutex_) = true;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;      // Derived from these.
  std::int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;  // Counts changes.
  std::int64_t last_waiter_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::int64_t, Wake> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::rpc
