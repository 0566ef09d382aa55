// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client/lab/limited_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <thread>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "grpcpp/alarm.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "pinhole/v1/photo_service.grpc.pb.h"
#include "pinhole/v1/social_service.grpc.pb.h"
#include "pinhole/v1/user_service.grpc.pb.h"

namespace pinhole::lab {
namespace {

void FillPhoto(v1::Photo& photo) {
  photo.set_name("photos/1");
  photo.set_owner("users/ansel");
}

}  // namespace

class LimitedServer::Users : public v1::UserService::CallbackService {
  grpc::ServerUnaryReactor* CreateUser(grpc::CallbackServerContext* context,
                                       const v1::CreateUserRequest* request,
                                       v1::User* user) override {
    user->set_name("users/" + request->handle());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* CreateSession(
      grpc::CallbackServerContext* context,
      const v1::CreateSessionRequest* request, v1::Session* session) override {
    session->set_user("users/" + request->handle());
    session->set_token("token-of-" + request->handle());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class LimitedServer::Social : public v1::SocialService::CallbackService {
  grpc::ServerUnaryReactor* FollowUser(grpc::CallbackServerContext* context,
                                       const v1::FollowUserRequest*,
                                       v1::Relationship*) override {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class LimitedServer::Photos : public v1::PhotoService::CallbackService {
 public:
  explicit Photos(LimitedServer& server) : server_(server) {}

 private:
  // Answers once its alarm rings.
  class Delayed : public grpc::ServerUnaryReactor {
   public:
    Delayed(absl::Time due) {
      alarm_.Set(absl::ToChronoTime(due),
                 [this](bool) { Finish(grpc::Status::OK); });
    }
    void OnDone() override { delete this; }

   private:
    grpc::Alarm alarm_;
  };

  grpc::ServerUnaryReactor* ListRecentPhotos(
      grpc::CallbackServerContext* context, const v1::ListRecentPhotosRequest*,
      v1::ListRecentPhotosResponse* page) override {
    FillPhoto(*page->add_photos());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* GetPhoto(grpc::CallbackServerContext* context,
                                     const v1::GetPhotoRequest*,
                                     v1::Photo* photo) override {
    const absl::Time due = server_.Schedule();
    if (due == absl::InfiniteFuture()) {
      auto* reactor = context->DefaultReactor();
      reactor->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "full"});
      return reactor;
    }
    FillPhoto(*photo);
    return new Delayed(due);
  }

  LimitedServer& server_;
};

struct LimitedServer::Grpc {
  explicit Grpc(LimitedServer& limited) : photos(limited) {}

  Users users;
  Social social;
  Photos photos;
  std::unique_ptr<grpc::Server> server;
};

// Answers every connection with the page.
class LimitedServer::MetricsPage {
 public:
  explicit MetricsPage(std::function<std::string()> text)
      : text_(std::move(text)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(socket_, 16) != 0 ||
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) !=
            0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~MetricsPage() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }

  int port() const { return port_; }

 private:
  void Serve() {
    for (int client; (client = accept(socket_, nullptr, nullptr)) >= 0;) {
      char request[4096];
      if (read(client, request, sizeof(request)) > 0) {
        const std::string body = text_();
        const std::string answer = fmt::format(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n"
            "\r\n{}",
            body.size(), body);
        if (write(client, answer.data(), answer.size()) < 0) std::abort();
      }
      close(client);
    }
  }

  const std::function<std::string()> text_;
  const int socket_;
  int port_ = 0;
  std::thread thread_;
};

LimitedServer::LimitedServer(const Limits& limits)
    : limits_(limits),
      start_(absl::Now()),
      free_(static_cast<std::size_t>(limits.workers), start_),
      grpc_(std::make_unique<Grpc>(*this)),
      page_(std::make_unique<MetricsPage>([this] { return Metrics(); })) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&grpc_->users);
  builder.RegisterService(&grpc_->social);
  builder.RegisterService(&grpc_->photos);
  grpc_->server = builder.BuildAndStart();
  if (!grpc_->server) std::abort();
  target_ = fmt::format("127.0.0.1:{}", port);
}

LimitedServer::~LimitedServer() {
  grpc_->server->Shutdown(absl::ToChronoTime(absl::Now()));
}

std::string LimitedServer::metrics_url() const {
  return fmt::format("http://127.0.0.1:{}/metrics", page_->port());
}

double LimitedServer::calls_per_second() const {
  return limits_.workers / absl::ToDoubleSeconds(limits_.service);
}

bool LimitedServer::was_called() const {
  const absl::MutexLock lock(&mutex_);
  return worked_ > absl::ZeroDuration();
}

absl::Time LimitedServer::Schedule() {
  const absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  auto& worker = *std::min_element(free_.begin(), free_.end());
  if (worker - now > limits_.queue * limits_.service / limits_.workers) {
    return absl::InfiniteFuture();
  }
  absl::Time begin = std::max(worker, now);
  const absl::Time frozen = start_ + limits_.freeze_after;
  if (begin >= frozen && begin < frozen + limits_.freeze) {
    begin = frozen + limits_.freeze;
  }
  worker = begin + limits_.service;
  worked_ += limits_.service;
  return worker;
}

std::string LimitedServer::Metrics() const {
  absl::Duration worked;
  {
    const absl::MutexLock lock(&mutex_);
    // What is scheduled but not done yet does not count.
    const absl::Time now = absl::Now();
    worked = worked_;
    for (const absl::Time worker : free_) {
      worked -= std::max(worker - now, absl::ZeroDuration());
    }
  }
  return fmt::format(
      "# TYPE pinhole_db_write_lock_held_seconds_total counter\n"
      "pinhole_db_write_lock_held_seconds_total {}\n"
      "process_cpu_seconds_total 0.1\n"
      "pinhole_build_info{{version=\"test\",build_type=\"Release\","
      "cpus=\"8\"}} 1\n",
      limits_.holds_write_lock ? absl::ToDoubleSeconds(worked) / limits_.workers
                               : 0.0);
}

}  // namespace pinhole::lab
