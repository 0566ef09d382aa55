// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "grpcpp/server.h"
#include "grpcpp/support/status.h"

namespace pinhole::client {

// A status with the details that the real server attaches.
grpc::Status RefusedField(const std::string& field, const std::string& rule);
grpc::Status Busy(absl::Duration retry_delay);
grpc::Status Because(grpc::StatusCode code, const std::string& message,
                     const std::string& reason);

// What a test asks of the fake's state.
struct FakeLog {
  absl::Mutex mutex;
  std::map<std::string, int> calls ABSL_GUARDED_BY(mutex);  // By method.
  std::vector<std::string> request_ids ABSL_GUARDED_BY(mutex);
  std::vector<std::size_t> chunk_bytes ABSL_GUARDED_BY(mutex);
  // The next calls of a method fail so; `after` means once their work is done,
  // as when the answer is lost.
  struct Fault {
    grpc::Status status;
    int times = 1;
    bool after = false;
  };
  std::map<std::string, Fault> faults ABSL_GUARDED_BY(mutex);
};

// Pinhole's services in memory, behind a real port, with the rules the client
// relies on: handles are unique, tokens work until logout, a request_id has one
// effect, lists come in pages.  Thread-safe.
class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  const std::string& target() const { return target_; }

  // The next `times` calls of `method` (for example "LikePhoto") fail with
  // `status`, before anything is done or, with `LoseAnswers`, after.
  void Fail(const std::string& method, grpc::Status status, int times = 1);
  void LoseAnswers(const std::string& method, int times = 1);

  int calls(const std::string& method) const;
  std::vector<std::string> request_ids() const;
  std::vector<std::size_t> chunk_bytes() const;

  std::size_t users() const;
  std::size_t photos() const;
  std::size_t comments() const;
  std::string bytes_of(const std::string& photo) const;

  // Forgets the request ids, as after 24 hours.
  void ForgetRequestIds();

 private:
  struct State;
  class Users;
  class Photos;
  class Social;
  class Admin;

  // Each service is in a file of its own, fake_users.cc and so on.
  static std::unique_ptr<grpc::Service> NewUsers(State& state);
  static std::unique_ptr<grpc::Service> NewPhotos(State& state);
  static std::unique_ptr<grpc::Service> NewSocial(State& state);
  static std::unique_ptr<grpc::Service> NewAdmin(State& state);

  std::unique_ptr<FakeLog> log_;
  std::unique_ptr<State> state_;
  std::unique_ptr<grpc::Service> users_;
  std::unique_ptr<grpc::Service> photos_;
  std::unique_ptr<grpc::Service> social_;
  std::unique_ptr<grpc::Service> admin_;
  std::unique_ptr<grpc::Server> server_;
  std::string target_;
};

}  // namespace pinhole::client
