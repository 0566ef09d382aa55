// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_GRPC_HEALTH_H_
#define PINHOLE_SERVER_RPC_GRPC_HEALTH_H_

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

// Answers grpc.health.v1.Health: all services (and "", the whole server) are
// serving, or none is.  Uploads can be out of service by themselves, under the
// name of their method.  Not serving at first.  Thread-safe.
class Health {
 public:
  // The full name of the method that uploads photos.
  static constexpr std::string_view kUploads =
      "pinhole.v1.PhotoService.UploadPhoto";

  // `services` are full names.
  explicit Health(std::vector<std::string> services);

  // Adds the handlers; they refer to this object.
  void AddTo(Registry& registry);

  void SetServing(bool serving);
  // Not serving from now on, whatever is set.
  void Fail();
  // Not serving for as long as it is set, whatever is set.
  void SetStalled(bool stalled);
  // Whether photos can be taken; true at first.
  void SetUploads(bool possible);
  bool serving() const;

 private:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;
  using Wake = absl::AnyInvocable<void(bool)>;

  // Errors: NOT_FOUND (service).
  Task<absl::StatusOr<Response>> Check(Call&, const Request& request);
  // Goes on until the caller leaves or the server stops.
  Task<absl::Status> Watch(Call& call, const Request& request,
                           MessageWriter& responses);

  void Set(bool Health::*which, bool value);
  Response::ServingStatus StatusOf(const std::string& service) const;
  // Waits until the status is another than at `version`, or `stop`.
  Task<bool> Change(std::int64_t version, std::stop_token stop);
  std::int64_t version() const;
  // Wakes a waiter, if nobody did.
  void Forget(std::int64_t waiter, bool changed);

  const std::set<std::string> services_;
  mutable absl::Mutex mutex_;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  bool uploads_ ABSL_GUARDED_BY(mutex_) = true;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;  // What the first three make.
  std::int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;  // Counts changes.
  std::int64_t last_waiter_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::int64_t, Wake> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_GRPC_HEALTH_H_
