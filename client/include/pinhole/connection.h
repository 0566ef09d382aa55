// SPDX-License-Identifier: Apache-2.0

// One connection to a server, and how a call is made over it.

#ifndef PINHOLE_CLIENT_INCLUDE_PINHOLE_CONNECTION_H_
#define PINHOLE_CLIENT_INCLUDE_PINHOLE_CONNECTION_H_

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

// PEM files for targets that are spoken to in TLS.
struct TlsFiles {
  std::string authorities;  // Whose certificates are believed; empty: the
                            // system's.
  std::string certificate;  // Of this client, with its key, if a server asks.
  std::string key;
};

struct Options {
  absl::Duration timeout = absl::Seconds(30);  // A call with its retries.
  absl::Duration transfer_timeout = absl::Minutes(5);  // The same for a photo.
  RetryPolicy retry = {};
  // Connections to one target share one TCP connection within a process; true
  // gives this one its own.
  bool own_transport = false;
  TlsFiles tls = {};  // Read once, by the constructor.
};

// A channel, the stubs on it and the caller's token.  A value: copies share
// the channel but each has its own token.  Thread-safe but for `set_token` and
// assignment.
class Connection {
 public:
  // `target` is HOST:PORT or any other gRPC target; grpcs://HOST:PORT is spoken
  // to in TLS, grpc://HOST:PORT is HOST:PORT.  Connects with the first call.
  // If a file of TLS cannot be read, each call is INVALID_ARGUMENT.
  Connection(const std::string& target, Options options);

  const Options& options() const { return options_; }
  const std::string& token() const { return token_; }
  void set_token(std::string token) { token_ = std::move(token); }

  // Why no call can be made: a file of TLS that cannot be read.  Or OK.
  const absl::Status& usable() const { return usable_; }

  // For calls the stubs cannot make, such as asynchronous ones by name.
  const std::shared_ptr<grpc::Channel>& channel() const;

  // The generated stub of a service: stub<v1::UserService::Stub>().
  template <typename Stub>
  Stub& stub() const;

  // A context for one call on a stub: with the token and, unless it is
  // infinite, a deadline after `timeout`.
  std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout) const;

  // Makes a unary call, again where `repeat` and the retry policy allow, with a
  // new request_id if the request takes one and has none.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      std::type_identity_t<Request> request,
      Repeat repeat = Repeat::kSafe) const;

  // Runs `attempt`, each time with a new context, until it succeeds or may not
  // be repeated.
  using Attempt = std::function<absl::Status(grpc::ClientContext&)>;
  absl::Status Run(Repeat repeat, absl::Duration timeout,
                   const Attempt& attempt) const;

 private:
  struct Stubs;

  Options options_;
  std::string token_;
  absl::Status usable_;                 // What `Run` says first.
  std::shared_ptr<const Stubs> stubs_;  // Owned by all copies.
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

#endif  // PINHOLE_CLIENT_INCLUDE_PINHOLE_CONNECTION_H_
