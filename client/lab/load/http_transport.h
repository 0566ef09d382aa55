// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/load/transport.h"

namespace pinhole::lab {

// JSON over HTTP/1.1 with connections that are kept.  A connection carries one
// call at a time; calls beyond `connections` wait for a free one, and their
// timeout runs meanwhile.
class HttpTransport final : public Transport {
 public:
  // Opens up to `connections` connections, to the targets (HOST:PORT) in turn,
  // when they are needed.
  HttpTransport(const std::vector<std::string>& targets,
                std::size_t connections);
  // Cuts the connections; `done` is not run.
  ~HttpTransport() override;

  void Start(std::size_t user, Request call, absl::Duration timeout,
             Done done) override;
  void Poll(absl::Time until) override;
  void Cancel() override;

 private:
  struct State;  // Keeps Beast, which compiles slowly, out of this header.

  std::unique_ptr<State> state_;
};

// The body of an answer 200 to GET `url` (http://HOST:PORT/PATH).  Blocks.
// Errors: INVALID_ARGUMENT (no such URL), UNAVAILABLE, DEADLINE_EXCEEDED.
absl::StatusOr<std::string> HttpGet(const std::string& url,
                                    absl::Duration timeout);

}  // namespace pinhole::lab
