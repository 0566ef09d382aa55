// SPDX-License-Identifier: Apache-2.0

#include "gateway/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <future>
#include <set>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/net/host_port.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/detached.hpp"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/thread_pool.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "fmt/format.h"
#include "gateway/connection/connection.h"
#include "gateway/connection/connection_counts.h"
#include "gateway/connection/waiting_connections.h"
#include "gateway/exchange/pages.h"
#include "gateway/handlers/handle_request.h"
#include "gateway/handlers/metrics_handler.h"
#include "gateway/http/cors.h"
#include "gateway/openapi/openapi.h"
#include "gateway/rules/route.h"
#include "gateway/rules/router.h"

namespace pinhole::gateway {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Pause after a failed accept, usually for lack of file descriptors.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// Connections beyond `Limits::connections`, for health checks only.
constexpr std::size_t kHealthConnections = 32;

// Limits unsent bytes in the kernel for clients that do not read.  Bytes in
// flight do not count, so fast connections over long distances stay fast.
void LimitUnsent(tcp::socket& socket) {
  constexpr int kBytes = 64 * 1024;
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kBytes,
             sizeof(kBytes));
}

absl::StatusOr<tcp::endpoint> Resolve(asio::io_context& io,
                                      const std::string& listen) {
  const auto parsed = ParseHostPort(listen);
  if (!parsed) {
    return absl::InvalidArgumentError(fmt::format(
        "the address to listen on must be HOST:PORT, got \"{}\"", listen));
  }
  error_code error;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(parsed->host, std::to_string(parsed->port),
                       tcp::resolver::passive, error);
  if (error || found.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("cannot resolve the host of \"{}\": {}", listen,
                    error ? error.message() : "it has no address"));
  }
  return found.begin()->endpoint();
}

std::string Format(const tcp::endpoint& endpoint) {
  return HostPort{endpoint.address().to_string(), endpoint.port()}.Text();
}

std::size_t PerAddress(const Limits& limits) {
  if (limits.connections_per_address > 0) return limits.connections_per_address;
  return std::max<std::size_t>(limits.connections / 4, 1);
}

// A file must not hide a part of the API.
absl::Status CheckPaths(const HttpServer::Options& options,
                        const Router& router) {
  std::vector<std::string> paths;
  for (const StaticFile& file : options.files) paths.push_back(file.path);
  if (options.metrics) paths.emplace_back(kMetricsPath);
  for (const std::string& path : paths) {
    const auto match = router.Find("GET", path);
    if (match.ok() && match->route == nullptr &&
        match->allowed_methods.empty()) {
      continue;
    }
    return absl::InvalidArgumentError(
        fmt::format("the file {} has the path of a method of the API", path));
  }
  return absl::OkStatus();
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(Options options, std::unique_ptr<Router> router,
       std::unique_ptr<Tls> tls, Upstream& upstream, Observer& observer)
      : options_(std::move(options)),
        router_(std::move(router)),
        tls_(std::move(tls)),
        pages_(options_.services.empty()
                   ? std::string()
                   : MakeOpenApi(router_->routes(), options_.api,
                                 options_.json_names),
               options_.files),
        context_{*router_,
                 pages_,
                 upstream,
                 observer,
                 options_.limits,
                 options_.answers,
                 options_.json_names,
                 options_.ignored_parameters,
                 io_,
                 options_.headers,
                 *options_.clients,
                 options_.on_answered,
                 ready_,
                 options_.metrics,
                 options_.metrics_for_loopback_only,
                 workers_},
        clients_(PerAddress(options_.limits)),
        acceptor_(*io_),
        timer_(*io_),
        keep_running_(io_->get_executor()) {}

  ~Impl() {
    if (!thread_.joinable()) return;
    Drain(absl::ZeroDuration());
    keep_running_.reset();
    thread_.join();
  }

  absl::Status Listen() {
    const auto endpoint = Resolve(*io_, options_.listen);
    if (!endpoint.ok()) return endpoint.status();
    error_code error;
    acceptor_.open(endpoint->protocol(), error);
    if (!error) {
      acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) acceptor_.bind(*endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(fmt::format(
          "cannot listen on {}: {}", options_.listen, error.message()));
    }
    address_ = Format(acceptor_.local_endpoint());
    asio::co_spawn(*io_, Accept(), asio::detached);
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "http");
      while (!RunUntilFault()) {
      }
    });
    return absl::OkStatus();
  }

  const std::string& address() const { return address_; }

  absl::Status ReloadCertificate() {
    return tls_ == nullptr ? absl::OkStatus() : tls_->Reload();
  }

  void Post(std::function<void()> work) { asio::post(*io_, std::move(work)); }

  void EndReadiness() { ready_ = false; }

  void Drain(absl::Duration grace) {
    ready_ = false;
    std::promise<void> empty;
    asio::post(*io_, [&] {
      empty_ = &empty;
      draining_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      // BeginDrain may remove a connection from the set.
      const auto connections = connections_;
      for (const auto& connection : connections) connection->BeginDrain();
      NoteIfEmpty();
    });
    std::future<void> done = empty.get_future();
    if (done.wait_for(absl::ToChronoNanoseconds(grace)) ==
        std::future_status::ready) {
      return;
    }
    asio::post(*io_, [&] {
      const auto connections = connections_;
      for (const auto& connection : connections) connection->Cut();
    });
    done.wait();
  }

 private:
  asio::awaitable<void> Accept() {
    while (acceptor_.is_open()) {
      error_code error;
      tcp::socket socket = co_await acceptor_.async_accept(
          asio::redirect_error(asio::use_awaitable, error));
      if (!acceptor_.is_open()) co_return;
      if (error) {
        timer_.expires_after(kAcceptPause);
        co_await timer_.async_wait(
            asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      const auto client =
          ConnectionCounts::ClientOf(socket.remote_endpoint(error).address());
      const Room room = MakeRoom(client);
      if (room == Room::kNone) {
        context_.observer.ConnectionRefused();
        continue;
      }
      clients_.Add(client);
      LimitUnsent(socket);
      asio::co_spawn(*io_, Serve(std::move(socket), client, room),
                     asio::detached);
    }
  }

  enum class Room { kForAll, kForHealth, kNone };

  // Closes a waiting connection if there is no room.
  Room MakeRoom(ConnectionCounts::Client client) {
    if (clients_.IsFull(client)) {
      return Cut(waiting_.TakeOldestOf(client)) ? Room::kForAll : Room::kNone;
    }
    const std::size_t most = options_.limits.connections;
    if (connections_.size() < most || Cut(waiting_.TakeOldest())) {
      return Room::kForAll;
    }
    return connections_.size() < most + kHealthConnections ? Room::kForHealth
                                                           : Room::kNone;
  }

  // Returns false if `waiting` is null.
  bool Cut(Connection* waiting) {
    if (waiting == nullptr) return false;
    waiting->Cut();
    context_.observer.ConnectionRefused();
    return true;
  }

  asio::awaitable<void> Serve(tcp::socket socket,
                              ConnectionCounts::Client client, Room room) {
    const absl::Cleanup count = [this, client] { clients_.Remove(client); };
    TlsSession session;
    if (tls_ != nullptr) {
      session = tls_->NewSession(socket.native_handle());
      if (session == nullptr) co_return;
    }
    // Handlers of timers and waits share the ownership.
    const auto connection = std::make_shared<Connection>(
        Transport(std::move(socket), std::move(session)), options_.limits);
    if (room == Room::kForHealth) connection->SetHealthOnly();
    connections_.insert(connection);
    context_.observer.ConnectionOpened();
    if (draining_) connection->BeginDrain();
    try {
      co_await ServeRequests(*connection, client);
    } catch (const std::exception& fault) {
      // The fault concerns one request only.
      Report(fault);
      connection->Cut();
    }
    waiting_.Remove(*connection);
    connections_.erase(connection);
    context_.observer.ConnectionClosed();
    NoteIfEmpty();
  }

  asio::awaitable<void> ServeRequests(Connection& connection,
                                      ConnectionCounts::Client client) {
    waiting_.Add(connection, client);
    const bool open = co_await connection.Open();
    while (open && connection.reusable()) {
      auto read = co_await connection.ReadHead();
      waiting_.Remove(connection);
      if (read.result == Connection::HeadRead::Result::kClosed) break;
      co_await HandleRequest(context_, connection, std::move(read));
      waiting_.Add(connection, client);
    }
    co_await connection.Linger();
  }

  // Returns false if a handler threw; more handlers may be ready.
  bool RunUntilFault() {
    try {
      io_->run();
      return true;
    } catch (const std::exception& fault) {
      Report(fault);
      return false;
    }
  }

  void Report(const std::exception& fault) {
    context_.observer.Faulted();
    if (options_.log) {
      options_.log(
          fmt::format("closed a connection after an unexpected exception: {}",
                      fault.what()));
    }
  }

  void NoteIfEmpty() {
    if (empty_ == nullptr || !connections_.empty()) return;
    std::exchange(empty_, nullptr)->set_value();
  }

  const Options options_;
  const std::unique_ptr<Router> router_;
  const std::unique_ptr<Tls> tls_;  // Null: plaintext.
  const Pages pages_;
  // Callbacks of the upstream share it, because they may outlive this object.
  const std::shared_ptr<asio::io_context> io_ =
      std::make_shared<asio::io_context>(1);
  asio::thread_pool workers_{1};
  std::atomic<bool> ready_{true};
  const ServerContext context_;
  std::string address_;
  std::thread thread_;

  // Used only on the HTTP thread:
  ConnectionCounts clients_;
  WaitingConnections waiting_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_;
  std::set<std::shared_ptr<Connection>> connections_;
  bool draining_ = false;
  std::promise<void>* empty_ = nullptr;  // Set while `Drain` waits.
};

absl::Status HttpServer::Check(const Options& options) {
  if (absl::Status status = CheckHeaderPolicy(options.headers); !status.ok()) {
    return status;
  }
  for (const std::string& origin : options.answers.cors_origins) {
    if (absl::Status status = CheckOrigin(origin); !status.ok()) return status;
  }
  if (options.tls) {
    const auto tls = Tls::Load(*options.tls);
    if (!tls.ok()) return tls.status();
  }
  asio::io_context io;
  return Resolve(io, options.listen).status();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    Options options, Upstream& upstream, Observer& observer) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  auto routes = MakeRoutes(options.services);
  if (!routes.ok()) return routes.status();
  auto router = Router::Build(*std::move(routes));
  if (!router.ok()) return router.status();
  if (absl::Status status = CheckPaths(options, **router); !status.ok()) {
    return status;
  }
  std::unique_ptr<Tls> tls;
  if (options.tls) {
    auto loaded = Tls::Load(*options.tls);
    if (!loaded.ok()) return loaded.status();
    tls = *std::move(loaded);
    options.answers.strict_transport = true;
  }
  auto impl = std::make_unique<Impl>(std::move(options), *std::move(router),
                                     std::move(tls), upstream, observer);
  if (absl::Status status = impl->Listen(); !status.ok()) return status;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

const std::string& HttpServer::address() const { return impl_->address(); }

absl::Status HttpServer::ReloadCertificate() {
  return impl_->ReloadCertificate();
}

void HttpServer::Post(std::function<void()> work) {
  impl_->Post(std::move(work));
}

void HttpServer::EndReadiness() { impl_->EndReadiness(); }

void HttpServer::Drain(absl::Duration grace) { impl_->Drain(grace); }

}  // namespace pinhole::gateway
