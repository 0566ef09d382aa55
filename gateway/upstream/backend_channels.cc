// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/backend_channels.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "grpcpp/support/channel_arguments.h"

namespace pinhole::gateway {
namespace {

// Maximum time between two attempts to reach a server.
constexpr int kMaxReconnectBackoffMs = 2000;
constexpr int kFirstReconnectBackoffMs = 100;
// Time limit of an attempt to connect, which gRPC calls the minimal backoff.  A
// busy machine needs more than the pause between two attempts.
constexpr int kConnectMs = 5000;
// Interval in seconds at which certificate files are checked for changes.
constexpr unsigned kReadFilesSeconds = 5;
constexpr int kMaxMessageBytes = 16 * 1024 * 1024;
// Frame size of downloads: a piece fits into one frame, which saves copies.
constexpr int kMaxFrameBytes = 512 * 1024;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::min<std::int64_t>(
      absl::ToInt64Milliseconds(duration), std::numeric_limits<int>::max()));
}

grpc::ChannelArguments Arguments(const RemoteUpstreamOptions& options,
                                 const std::string& service_config) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                   kFirstReconnectBackoffMs);
  // Otherwise gRPC shares one connection among channels to the same address.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // Otherwise gRPC adapts the window and buffers 4 MiB and more of each stream:
  // gigabytes for a thousand slow downloads.  With it, one message and 64 KiB
  // are buffered.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kMaxFrameBytes);
  // Detects a server whose machine has disappeared, also without calls.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS,
                   Milliseconds(options.keepalive_time));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   Milliseconds(options.keepalive_timeout));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  if (!service_config.empty()) arguments.SetServiceConfigJSON(service_config);
  return arguments;
}

// For grpcs://.  Changed files are read again, as servers do.
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

// Returns `backend` without `scheme` if it begins with it.
std::optional<std::string> After(std::string_view scheme,
                                 const std::string& backend) {
  if (backend.rfind(scheme, 0) != 0) return std::nullopt;
  return backend.substr(scheme.size());
}

}  // namespace

std::vector<std::shared_ptr<grpc::Channel>> MakeChannels(
    const std::vector<std::string>& backends, int channels,
    const RemoteUpstreamOptions& options, const std::string& service_config) {
  const grpc::ChannelArguments arguments = Arguments(options, service_config);
  // Each provider watches its files with a thread, so share one.
  std::shared_ptr<grpc::ChannelCredentials> tls;
  std::vector<std::shared_ptr<grpc::Channel>> made;
  for (int i = 0; i < channels; ++i) {
    for (const std::string& backend : backends) {
      const auto secure = After("grpcs://", backend);
      if (secure && tls == nullptr) tls = TlsCredentials(options.tls);
      made.push_back(grpc::CreateCustomChannel(
          secure ? *secure : After("grpc://", backend).value_or(backend),
          secure ? tls : grpc::InsecureChannelCredentials(), arguments));
    }
  }
  return made;
}

}  // namespace pinhole::gateway
