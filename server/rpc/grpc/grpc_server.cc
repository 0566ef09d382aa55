// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/grpc_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "base/net/host_port.h"
#include "fmt/format.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "grpcpp/server_builder.h"
#include "server/rpc/grpc/unknown_method_call.h"

namespace pinhole::rpc {
namespace {

// Calls of one method that one loop can accept at a time.  Each is replaced
// when it is accepted, so this only limits bursts.
constexpr int kReadyPerMethod = 16;

constexpr int kMaxReceiveBytes = 1 << 20;  // Uploads use smaller chunks.

// The memory of gRPC for connections, streams and messages.  Beyond this limit
// it closes idle connections and then cancels streams.
constexpr std::size_t kMaxGrpcBytes = 256 << 20;

void Configure(grpc::ServerBuilder& builder,
               const GrpcServer::Options& options) {
  builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  // No compression: gRPC inflates a whole message before it checks its size and
  // before the caller is authenticated.
  builder.AddChannelArgument(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET,
                             1);
  builder.SetResourceQuota(
      grpc::ResourceQuota("pinhole").Resize(kMaxGrpcBytes));
  // For the handshakes of TLS and HTTP/2.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  // Otherwise a second server on the same port would take half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 128);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      static_cast<int>(absl::ToInt64Milliseconds(options.ping_interval)));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 600'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 3'600'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30'000);
}

std::vector<std::unique_ptr<AsyncService>> ServicesOf(
    const Registry& registry) {
  std::map<const google::protobuf::ServiceDescriptor*,
           std::vector<const Method*>>
      by_service;
  for (const auto& [name, method] : registry.methods()) {
    by_service[method.descriptor->service()].push_back(&method);
  }
  std::vector<std::unique_ptr<AsyncService>> services;
  services.reserve(by_service.size());
  for (auto& [service, methods] : by_service) {
    services.push_back(std::make_unique<AsyncService>(std::move(methods)));
  }
  return services;
}

bool IsUnix(const std::string& listen) { return listen.rfind("unix:", 0) == 0; }

// Whether another process listens on a Unix socket, whose path gRPC would take
// over.
bool IsTaken(const std::string& listen) {
  if (!IsUnix(listen)) return false;
  const std::string path =
      listen.substr(listen.rfind("unix://", 0) == 0 ? 7 : 5);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  path.copy(address.sun_path, path.size());
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool answered = connect(probe, reinterpret_cast<sockaddr*>(&address),
                                sizeof(address)) == 0;
  close(probe);
  return answered;
}

// A new certificate is noticed within this many seconds.
constexpr unsigned kReadFilesSeconds = 5;

// The only kind of credentials that reloads certificates.
std::shared_ptr<grpc::ServerCredentials> Credentials(
    const std::optional<GrpcTlsFiles>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          tls->key, tls->certificate, tls->client_authorities,
          kReadFilesSeconds));
  options.watch_identity_key_cert_pairs();
  if (!tls->client_authorities.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

absl::Status CannotListen(const std::vector<std::string>& listen) {
  return absl::UnavailableError(fmt::format(
      "gRPC cannot listen on {}: the address is in use or does not belong to "
      "this machine",
      fmt::join(listen, ", ")));
}

std::string WithPort(const std::string& listen, int port) {
  auto address = ParseHostPort(listen);
  if (IsUnix(listen) || !address) return listen;
  address->port = static_cast<std::uint16_t>(port);
  return address->Text();
}

}  // namespace

struct GrpcServer::Parts {
  std::vector<std::string> addresses;
  std::vector<std::unique_ptr<AsyncService>> services;
  std::unique_ptr<grpc::AsyncGenericService> unknown_methods =
      std::make_unique<grpc::AsyncGenericService>();
  std::unique_ptr<grpc::Server> server;
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<std::unique_ptr<LoopCalls>> calls_by_loop;
};

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    Options options, const Dispatch& dispatch) {
  if (std::any_of(options.listen.begin(), options.listen.end(), IsTaken)) {
    return CannotListen(options.listen);
  }
  grpc::ServerBuilder builder;
  Configure(builder, options);
  std::vector<int> ports(options.listen.size(), 0);
  const auto credentials = Credentials(options.tls);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    builder.AddListeningPort(options.listen[i],
                             IsUnix(options.listen[i])
                                 ? grpc::InsecureServerCredentials()
                                 : credentials,
                             &ports[i]);
  }
  Parts parts;
  parts.services = ServicesOf(dispatch.registry());
  for (const auto& service : parts.services) {
    builder.RegisterService(service.get());
  }
  builder.RegisterAsyncGenericService(parts.unknown_methods.get());
  for (int i = 0; i < options.loops; ++i) {
    parts.loops.push_back(std::make_unique<Loop>(builder.AddCompletionQueue()));
    parts.calls_by_loop.push_back(std::make_unique<LoopCalls>(
        *parts.loops.back(), dispatch, options.send_time));
  }
  parts.server = builder.BuildAndStart();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (parts.server == nullptr || ports[i] == 0) {
      return CannotListen(options.listen);
    }
    parts.addresses.push_back(WithPort(options.listen[i], ports[i]));
  }
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(parts), options));
}

GrpcServer::GrpcServer(Parts parts, const Options& options)
    : addresses_(std::move(parts.addresses)),
      connections_(options.connections, addresses_),
      services_(std::move(parts.services)),
      unknown_methods_(std::move(parts.unknown_methods)),
      server_(std::move(parts.server)),
      loops_(std::move(parts.loops)),
      calls_by_loop_(std::move(parts.calls_by_loop)) {
  for (const auto& loop_calls : calls_by_loop_) {
    loop_calls->loop.Post([this, &loop_calls = *loop_calls] {
      loop_calls.Sweep();
      for (const auto& service : services_) {
        const int methods = static_cast<int>(service->methods().size());
        for (int i = 0; i < methods * kReadyPerMethod; ++i) {
          GrpcCall::Accept(loop_calls, *service, i % methods);
        }
      }
      UnknownMethodCall::Accept(loop_calls, *unknown_methods_);
    });
  }
}

GrpcServer::~GrpcServer() {
  if (!shut_down_) Shutdown(absl::Now());
  for (const auto& loop : loops_) loop->Stop();
}

std::vector<Executor*> GrpcServer::loops() const {
  std::vector<Executor*> loops;
  for (const auto& loop : loops_) loops.push_back(loop.get());
  return loops;
}

void GrpcServer::Shutdown(absl::Time deadline) {
  shut_down_ = true;
  for (const auto& loop_calls : calls_by_loop_) {
    loop_calls->loop.Post(
        [&loop_calls = *loop_calls] { loop_calls.BeginShutdown(); });
  }
  server_->Shutdown(absl::ToChronoTime(deadline));
  for (const auto& loop_calls : calls_by_loop_)
    loop_calls->drained.WaitForNotification();
}

}  // namespace pinhole::rpc
