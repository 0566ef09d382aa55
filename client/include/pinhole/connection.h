// SPDX-License-Identifier: Apache-2.0

// A connection to a server, for calls that Client does not provide.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "pinhole/errors.h"
#include "pinhole/names.h"
#include "pinhole/retry.h"
#include "pinhole/v1/admin_service.grpc.pb.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "pinhole/v1/social_service.grpc.pb.h"
#include "pinhole/v1/user_service.grpc.pb.h"

namespace pinhole::client {

// PEM files for TLS connections.
struct TlsFiles {
  std::string authorities;  // Certificate authorities to trust; if empty, the
                            // system's.
  std::string certificate;  // Client certificate; may be empty.
  std::string key;          // Private key of `certificate`.
};

struct Options {
  // Deadline of a call including its retries, and that of a photo's upload or
  // download.
  absl::Duration timeout = absl::Seconds(30);
  absl::Duration transfer_timeout = absl::Minutes(5);
  RetryPolicy retry = {};
  // Connections to the same target share a TCP connection within a process,
  // unless this is true.
  bool own_transport = false;
  TlsFiles tls = {};  // Read by the constructor.
};

// A channel, its stubs and the caller's token.  Copies share the channel, but
// each has its own token.  Thread-safe, except for `set_token` and assignment.
class Connection {
 public:
  // `target` is HOST:PORT, grpc://HOST:PORT, grpcs://HOST:PORT for TLS, or any
  // other gRPC target.  The first call connects.  If a TLS file cannot be read,
  // all calls fail with INVALID_ARGUMENT.
  Connection(const std::string& target, Options options);

  const Options& options() const { return options_; }
  const std::string& token() const { return token_; }
  void set_token(std::string token) { token_ = std::move(token); }

  // The error if a TLS file cannot be read, otherwise OK.
  const absl::Status& usable() const { return usable_; }

  // The channel, for example for asynchronous calls by method name.
  const std::shared_ptr<grpc::Channel>& channel() const;

  // The stub of a service, for example stub<v1::UserService::Stub>().
  template <typename Stub>
  Stub& stub() const;

  // Returns a context for one call, with the token and, unless `timeout` is
  // infinite, a deadline.
  std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout) const;

  // Makes a unary call, with retries if `repeat` and the retry policy allow
  // them. Sets the request_id if the request has such a field and it is empty.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      std::type_identity_t<Request> request,
      Repeat repeat = Repeat::kSafe) const;

  // Runs `attempt`, each time with a new context, until it succeeds or must not
  // be retried.
  using Attempt = std::function<absl::Status(grpc::ClientContext&)>;
  absl::Status Run(Repeat repeat, absl::Duration timeout,
                   const Attempt& attempt) const;

  // Sleeps, as between two attempts, and connects meanwhile if the connection
  // is lost.
  void Pause(absl::Duration delay) const;

 private:
  struct Stubs;

  Options options_;
  std::string token_;
  absl::Status usable_;                 // Returned by `Run` if not OK.
  std::shared_ptr<const Stubs> stubs_;  // Shared by all copies.
};

template <>
v1::UserService::Stub& Connection::stub() const;
template <>
v1::PhotoService::Stub& Connection::stub() const;
template <>
v1::SocialService::Stub& Connection::stub() const;
template <>
v1::AdminService::Stub& Connection::stub() const;
template <>
grpc::health::v1::Health::Stub& Connection::stub() const;

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Connection::Call(
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    std::type_identity_t<Request> request, Repeat repeat) const {
  if constexpr (requires { request.set_request_id(""); }) {
    if (request.request_id().empty()) request.set_request_id(NewRequestId());
  }
  Response response;
  const auto attempt = [&](grpc::ClientContext& context) {
    return FromGrpc((stub<Stub>().*method)(&context, request, &response));
  };
  if (auto status = Run(repeat, options_.timeout, attempt); !status.ok()) {
    return status;
  }
  return response;
}

}  // namespace pinhole::client
