// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "client/lab/load/transport.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "pinhole/connection.h"

namespace pinhole::lab {

// Calls by name over connections of its own, without parsing what comes back:
// the cheapest way that gRPC offers, so that the server has the machine.
class GrpcTransport final : public Transport {
 public:
  // Opens `connections` connections, to the targets (of the client library) in
  // turn.  They connect with their first call.
  GrpcTransport(const std::vector<std::string>& targets,
                std::size_t connections, const client::TlsFiles& tls = {});
  // Cancels what is under way and waits for its end; `done` is not run.
  ~GrpcTransport() override;

  void Start(std::size_t user, Request call, absl::Duration timeout,
             Done done) override;
  void Poll(absl::Time until) override;
  void Cancel() override;

 private:
  struct Flight;

  // What comes next in the life of a call, after an event that was `ok`.
  void Advance(Flight& flight, bool ok);
  void Land(Flight& flight);

  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::unordered_set<Flight*> flying_;
  std::vector<std::unique_ptr<Flight>> resting_;
};

}  // namespace pinhole::lab
