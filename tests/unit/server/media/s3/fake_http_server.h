// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "fmt/format.h"

namespace pinhole::media::s3 {

// An HTTP server on loopback that sends prepared bytes, one answer for each
// request, whatever the request is.  One connection at a time.
class FakeHttpServer {
 public:
  // What happens after the prepared bytes were sent.
  enum class Then {
    kKeepOpen,
    kClose,
    kWait,  // Nothing, until the client gives up.
  };

  FakeHttpServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    constexpr int kBacklog = 16;
    listen(listener_, kBacklog);
    thread_ = std::thread([this] { Serve(); });
  }

  ~FakeHttpServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    shutdown(connection_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  FakeHttpServer(const FakeHttpServer&) = delete;
  FakeHttpServer& operator=(const FakeHttpServer&) = delete;

  std::string endpoint() const {
    return fmt::format("http://127.0.0.1:{}", port_);
  }

  void Add(std::string bytes, Then then = Then::kKeepOpen) {
    const absl::MutexLock lock(&mutex_);
    answers_.emplace_back(std::move(bytes), then);
  }

  // The requests so far: head and body.
  std::vector<std::string> requests() const {
    const absl::MutexLock lock(&mutex_);
    return requests_;
  }
  int connections() const { return connections_; }

  static std::string Response(std::string_view status, std::string_view headers,
                              std::string_view body) {
    return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status,
                       headers, body.size(), body);
  }

 private:
  void Serve() {
    while (!stopping_) {
      connection_ = accept(listener_, nullptr, nullptr);
      if (connection_ < 0) return;
      ++connections_;
      while (!stopping_ && AnswerOne()) {
      }
      close(connection_);
    }
  }

  // Returns whether the connection stays open.
  bool AnswerOne() {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      if (!Receive(request)) return false;
    }
    const std::size_t body = request.find("\r\n\r\n") + 4;
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t length = request.find(kLength);
    if (length < body) {
      const std::size_t size =
          std::stoul(request.substr(length + kLength.size()));
      while (request.size() < body + size) {
        if (!Receive(request)) return false;
      }
    }
    std::pair<std::string, Then> answer;
    {
      const absl::MutexLock lock(&mutex_);
      requests_.push_back(std::move(request));
      if (answers_.empty()) return false;
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    std::string_view left = answer.first;
    while (!left.empty()) {
      const ssize_t sent =
          send(connection_, left.data(), left.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      left.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string ignored;
    while (answer.second == Then::kWait && Receive(ignored)) {
    }
    return answer.second == Then::kKeepOpen;
  }

  bool Receive(std::string& to) {
    char piece[4096];
    const ssize_t size = recv(connection_, piece, sizeof piece, 0);
    if (size <= 0) return false;
    to.append(piece, static_cast<std::size_t>(size));
    return true;
  }

  const int listener_;
  int port_ = 0;
  std::atomic<int> connection_ = -1;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::deque<std::pair<std::string, Then>> answers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace pinhole::media::s3
