// SPDX-License-Identifier: Apache-2.0

#include "pinhole/connection.h"

#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace pinhole::client {
namespace {

constexpr std::string_view kTls = "grpcs://";
constexpr std::string_view kPlain = "grpc://";

// Returns the content of a PEM file, or an empty string if `path` is empty.
absl::StatusOr<std::string> Read(const char* what, const std::string& path) {
  if (path.empty()) return "";
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  std::string text = bytes.str();
  if (text.find("-----BEGIN ") == text.npos) {
    return absl::InvalidArgumentError(
        file.is_open() ? fmt::format("{} ({}) is not a PEM file", path, what)
                       : fmt::format("cannot read {} ({})", path, what));
  }
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsCredentials(
    const TlsFiles& files) {
  if (files.certificate.empty() != files.key.empty()) {
    return absl::InvalidArgumentError(
        "the client certificate and its key must be set together");
  }
  auto authorities = Read("certificate authorities", files.authorities);
  if (!authorities.ok()) return authorities.status();
  auto certificate = Read("client certificate", files.certificate);
  if (!certificate.ok()) return certificate.status();
  auto key = Read("client key", files.key);
  if (!key.ok()) return key.status();
  return grpc::SslCredentials({.pem_root_certs = *std::move(authorities),
                               .pem_private_key = *std::move(key),
                               .pem_cert_chain = *std::move(certificate)});
}

}  // namespace

struct Connection::Stubs {
  explicit Stubs(std::shared_ptr<grpc::Channel> shared)
      : channel(std::move(shared)),
        users(channel),
        photos(channel),
        social(channel),
        admin(channel),
        health(grpc::health::v1::Health::NewStub(channel)) {}

  std::shared_ptr<grpc::Channel> channel;
  // Stubs are thread-safe, but their methods are not const.
  mutable v1::UserService::Stub users;
  mutable v1::PhotoService::Stub photos;
  mutable v1::SocialService::Stub social;
  mutable v1::AdminService::Stub admin;
  std::unique_ptr<grpc::health::v1::Health::Stub> health;
};

Connection::Connection(const std::string& target, Options options)
    : options_(std::move(options)) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("pinhole-client");
  // The default of up to two minutes is too long.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Despite its name, this is the timeout of an attempt to connect.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  // Retry decides which calls are safe to retry.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  if (options_.own_transport) {
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  }
  absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials =
      grpc::InsecureChannelCredentials();
  std::string address = target;
  if (target.starts_with(kTls)) {
    address.erase(0, kTls.size());
    credentials = TlsCredentials(options_.tls);
    usable_ = credentials.status();
  } else if (target.starts_with(kPlain)) {
    address.erase(0, kPlain.size());
  }
  // Never plaintext if TLS was requested, even over `channel()`.
  stubs_ = std::make_shared<const Stubs>(grpc::CreateCustomChannel(
      address, credentials.ok() ? *credentials : grpc::SslCredentials({}),
      arguments));
}

const std::shared_ptr<grpc::Channel>& Connection::channel() const {
  return stubs_->channel;
}

template <>
v1::UserService::Stub& Connection::stub() const {
  return stubs_->users;
}
template <>
v1::PhotoService::Stub& Connection::stub() const {
  return stubs_->photos;
}
template <>
v1::SocialService::Stub& Connection::stub() const {
  return stubs_->social;
}
template <>
v1::AdminService::Stub& Connection::stub() const {
  return stubs_->admin;
}
template <>
grpc::health::v1::Health::Stub& Connection::stub() const {
  return *stubs_->health;
}

std::unique_ptr<grpc::ClientContext> Connection::NewContext(
    absl::Duration timeout) const {
  auto context = std::make_unique<grpc::ClientContext>();
  if (!token_.empty())
    context->AddMetadata("authorization", "Bearer " + token_);
  if (timeout != absl::InfiniteDuration()) {
    context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
  return context;
}

absl::Status Connection::Run(Repeat repeat, absl::Duration timeout,
                             const Attempt& attempt) const {
  if (!usable_.ok()) return usable_;
  const absl::Time deadline = absl::Now() + timeout;
  Retry retry(options_.retry, repeat, deadline);
  while (true) {
    const auto context = NewContext(deadline - absl::Now());
    absl::Status status = attempt(*context);
    const auto delay = retry.DelayAfter(status);
    if (!delay) return status;
    Pause(*delay);
  }
}

void Connection::Pause(absl::Duration delay) const {
  const auto end = absl::ToChronoTime(absl::Now() + delay);
  // gRPC handles the events of a new connection only while a thread waits for
  // the channel, and otherwise every five seconds.
  while (channel()->WaitForStateChange(channel()->GetState(true), end)) {
  }
}

}  // namespace pinhole::client
