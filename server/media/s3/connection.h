// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/media/file.h"
#include "server/media/s3/sigv4.h"

namespace pinhole::media::s3 {

struct HttpRequest {
  std::string method;
  std::string url;
  Fields headers = {};
  // The body, read from its start; null for none.  Must outlive the exchange.
  File* body = nullptr;
  std::int64_t body_bytes = 0;
};

struct HttpResponse {
  int status = 0;
  // By name in lower case.
  std::map<std::string, std::string, std::less<>> headers = {};

  // Returns an empty string for a header that was not sent.
  std::string_view Header(std::string_view name) const;

  // Length of the body in bytes.  Errors: UNAVAILABLE (not sent).
  absl::StatusOr<std::int64_t> ContentLength() const;
};

struct ConnectionTimes {
  absl::Duration connect = absl::Seconds(5);
  // Without any byte sent or received.
  absl::Duration stall = absl::Seconds(10);
};

// A connection to an HTTP server, for one exchange at a time.  Keeps the
// connection open between exchanges.  Wraps libcurl.  Blocks only within its
// calls: between two calls of `Read`, bytes stay in the network.  May be used
// by different threads one after the other, not at the same time.
//
// Errors of all functions: UNAVAILABLE (no connection, a broken one, no
// progress, or the deadline has passed), INTERNAL (libcurl cannot work).
class Connection {
 public:
  explicit Connection(ConnectionTimes times);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Ends the previous exchange, sends `request` and waits for the head of the
  // response.  Redirects are not followed.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request,
                                    absl::Time deadline);

  // Returns the next bytes of the body: `max_bytes`, or fewer at the end; empty
  // at the end.
  absl::StatusOr<std::string> Read(std::size_t max_bytes, absl::Time deadline);

  // Whether the body of the last response was received to its end.
  bool is_idle() const;

 private:
  class Exchange;

  const ConnectionTimes times_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace pinhole::media::s3
