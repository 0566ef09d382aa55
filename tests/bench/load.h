// SPDX-License-Identifier: Apache-2.0

// Load: many unary calls at a time from one thread, so cheap that the server
// has a core for itself: one completion queue, requests made beforehand,
// answers left as bytes.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace pinhole::bench {

grpc::ByteBuffer Serialize(const google::protobuf::Message& message);

// What to call.  The pointers outlive the run.
struct Request {
  const std::string* method;  // "/pinhole.v1.PhotoService/GetPhoto"
  const grpc::ByteBuffer* request;
  const std::string* authorization;  // "Bearer TOKEN"; null to send none.
};
// The request number n, counted over the life of the function's owner.
using Aim = std::function<Request(std::int64_t n)>;

struct Hits {
  absl::Duration time;
  std::int64_t started = 0;
  std::int64_t ok = 0;
  std::map<grpc::StatusCode, std::int64_t> errors;
  std::vector<double> ok_us;  // How long each took.
  // Errors other than the deadline's: the server would not.
  std::vector<double> refused_us;
  std::int64_t refused_with_delay = 0;  // That say when to come again.

  std::int64_t all() const;  // That were answered, or given up.
  double PerSecond() const {
    return static_cast<double>(ok) / absl::ToDoubleSeconds(time);
  }
};

// Not thread-safe.
class Load {
 public:
  // Opens `channels` connections to HOST:PORT and waits until they are up.
  explicit Load(const std::string& target, int channels = 4);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Keeps `in_flight` calls under way for `time`, then waits for the last.
  Hits Closed(int in_flight, absl::Duration time, const Aim& aim);

  // Starts `per_second` calls in every second, whatever becomes of them; each
  // has `deadline`.  Those answered after `time` are waited for, not counted.
  Hits Open(double per_second, absl::Duration time, absl::Duration deadline,
            const Aim& aim);

 private:
  struct Flight;

  void Start(Flight* flight, const Request& request, absl::Duration deadline);
  static void Note(Flight& flight, Hits& hits);

  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::int64_t requests_ = 0;
};

}  // namespace pinhole::bench
