// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/channel_pool.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "grpcpp/support/channel_arguments.h"

namespace pinhole::gateway {
namespace {

// A restarted server is tried again at least this often.
constexpr int kMaxReconnectBackoffMs = 2000;
constexpr int kFirstReconnectBackoffMs = 100;
// How long an attempt to connect may take, which is what gRPC's minimal backoff
// means: a busy machine needs more than the pause between two attempts.
constexpr int kConnectMs = 5000;
// A new certificate is noticed within this many seconds.
constexpr unsigned kReadFilesSeconds = 5;
constexpr int kMaxMessageBytes = 16 * 1024 * 1024;
// A piece of a download is one frame: each costs, and breaks the bytes.
constexpr int kMaxFrameBytes = 512 * 1024;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::min<std::int64_t>(
      absl::ToInt64Milliseconds(duration), std::numeric_limits<int>::max()));
}

grpc::ChannelArguments Arguments(const RemoteUpstreamOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                   kFirstReconnectBackoffMs);
  // Channels to the same address would share one connection otherwise.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Else gRPC measures the line and takes 4 MiB and more of each stream before
  // anybody reads it: a thousand slow clients that download would be gigabytes.
  // Without it a stream is a message and 64 KiB ahead.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kMaxFrameBytes);
  // A server whose machine is gone says nothing; without calls that would show
  // only when somebody waits.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   Milliseconds(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   Milliseconds(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return arguments;
}

// For grpcs://.  The files are watched, as those of a server are.
std::shared_ptr<grpc::ChannelCredentials> TlsCredentials(
    const BackendTlsFiles& tls) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (!tls.authorities.empty() || !tls.certificate.empty()) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            tls.key, tls.certificate, tls.authorities, kReadFilesSeconds));
  }
  if (!tls.authorities.empty()) options.watch_root_certs();
  if (!tls.certificate.empty()) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

// What is left of `backend` without `scheme`, if it begins with that.
std::optional<std::string> After(std::string_view scheme,
                                 const std::string& backend) {
  if (backend.rfind(scheme, 0) != 0) return std::nullopt;
  return backend.substr(scheme.size());
}

}  // namespace

ChannelPool::ChannelPool(const std::vector<std::string>& backends, int channels,
                         const RemoteUpstreamOptions& options)
    : backends_(backends.size()) {
  const grpc::ChannelArguments arguments = Arguments(options);
  // A thread watches the files of each.
  std::shared_ptr<grpc::ChannelCredentials> tls;
  // Neighbours belong to different backends, so that turns spread the calls.
  for (int i = 0; i < channels; ++i) {
    for (const std::string& backend : backends) {
      const auto secure = After("grpcs://", backend);
      if (secure && tls == nullptr) tls = TlsCredentials(options.tls);
      auto channel = grpc::CreateCustomChannel(
          secure ? *secure : After("grpc://", backend).value_or(backend),
          secure ? tls : grpc::InsecureChannelCredentials(), arguments);
      lines_.push_back({channel, std::make_unique<grpc::GenericStub>(channel)});
    }
  }
}

grpc::GenericStub& ChannelPool::Next() {
  const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed);
  if (lines_.size() == 1) return *lines_[0].stub;
  // Asking for its state makes an idle one connect, so that it is ready next
  // time.
  grpc::GenericStub* best = nullptr;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[(first + i) % lines_.size()];
    const grpc_connectivity_state state =
        line.channel->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return *line.stub;
    if (best == nullptr && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
      best = line.stub.get();
    }
  }
  return best != nullptr ? *best : *lines_[first % lines_.size()].stub;
}

std::vector<grpc::GenericStub*> ChannelPool::OneOfEach() const {
  std::vector<grpc::GenericStub*> stubs;
  for (std::size_t i = 0; i < backends_; ++i) {
    stubs.push_back(lines_[i].stub.get());
  }
  return stubs;
}

StreamChannelPool::Place StreamChannelPool::Take() {
  const absl::MutexLock lock(&mutex_);
  // One of the owners is the group itself.
  const auto found = std::find_if(
      groups_.begin(), groups_.end(),
      [](const auto& group) { return group->places.use_count() <= kStreams; });
  Group* group = found == groups_.end() ? nullptr : found->get();
  if (group == nullptr) {
    groups_.push_back(std::make_unique<Group>(backends_, options_));
    group = groups_.back().get();
  }
  return {&group->lines.Next(), group->places};
}

}  // namespace pinhole::gateway
