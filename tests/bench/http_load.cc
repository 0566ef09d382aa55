// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "base/net/host_port.h"
#include "fmt/format.h"

namespace pinhole::bench {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << std::endl;
  std::abort();
}

// The number that `text` begins with.
std::uint64_t NumberIn(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) Fail("no HTTP answer");
  return number;
}

std::uint64_t CodeOf(std::string_view head) {
  return NumberIn(head.substr(std::min<std::size_t>(9, head.size())));
}

std::uint64_t LengthOf(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t begin = head.find(kName);
  if (begin == std::string_view::npos) return 0;
  return NumberIn(head.substr(begin + kName.size()));
}

}  // namespace

HttpConnection::HttpConnection(const std::string& address) {
  const HostPort server = ParseHostPort(address).value();
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(server.port);
  inet_pton(AF_INET, server.host.c_str(), &to.sin_addr);
  file_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(file_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (connect(file_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    Fail("cannot connect to " + address);
  }
}

HttpConnection::~HttpConnection() {
  if (file_ >= 0) close(file_);
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : file_(std::exchange(other.file_, -1)), head_(std::move(other.head_)) {}

void HttpConnection::Send(const std::string& bytes) const {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto got =
        send(file_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (got <= 0) Fail("a connection broke");
    sent += static_cast<std::size_t>(got);
  }
}

std::uint64_t HttpConnection::ReadHead() {
  head_.clear();
  std::array<char, 4096> part;
  while (head_.find(kEnd) == std::string::npos) {
    const auto got = recv(file_, part.data(), part.size(), 0);
    if (got <= 0) Fail("a connection ended before its answer");
    head_.append(part.data(), static_cast<std::size_t>(got));
  }
  return CodeOf(head_);
}

std::uint64_t HttpConnection::ReadAnswer() {
  const std::uint64_t code = ReadHead();
  if (code != 200 && code != 201) Fail("refused: " + head_);
  const std::uint64_t length = LengthOf(head_);
  std::uint64_t there = head_.size() - head_.find(kEnd) - kEnd.size();
  std::vector<char> part(256 * 1024);
  while (there < length) {
    const auto got = recv(file_, part.data(), part.size(), 0);
    if (got <= 0) Fail("an answer was cut");
    there += static_cast<std::uint64_t>(got);
  }
  return length;
}

std::string HttpGet(const std::string& target, const std::string& authorization,
                    const std::string& headers) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\n{}\r\n",
      target, authorization, headers);
}

HttpLoad::HttpLoad(const std::string& address, int connections) {
  for (int i = 0; i < connections; ++i) {
    flights_.push_back({HttpConnection(address), {}, {}});
  }
}

void HttpLoad::Start(Flight& flight, const Aim& aim) {
  flight.received.clear();
  flight.begin = absl::Now();
  flight.connection.Send(*aim(requests_++));
}

bool HttpLoad::Receive(Flight& flight, Hits& hits) {
  std::array<char, 16 * 1024> part;
  const auto got = recv(flight.connection.file(), part.data(), part.size(), 0);
  if (got <= 0) Fail("a connection ended before its answer");
  flight.received.append(part.data(), static_cast<std::size_t>(got));
  const std::string_view received = flight.received;
  const std::size_t end = received.find(kEnd);
  if (end == std::string_view::npos) return false;
  const std::string_view head = received.substr(0, end + 2);
  if (received.size() < end + kEnd.size() + LengthOf(head)) return false;
  const double us = absl::ToDoubleMicroseconds(absl::Now() - flight.begin);
  if (CodeOf(head) == 200) {
    ++hits.ok;
    hits.ok_us.push_back(us);
  } else {
    ++hits.errors[grpc::StatusCode::UNKNOWN];
    hits.refused_us.push_back(us);
  }
  return true;
}

Hits HttpLoad::Closed(absl::Duration time, const Aim& aim) {
  Hits hits;
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  for (Flight& flight : flights_) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.ptr = &flight;
    epoll_ctl(poll, EPOLL_CTL_ADD, flight.connection.file(), &event);
  }
  const absl::Time begin = absl::Now();
  for (Flight& flight : flights_) Start(flight, aim);
  hits.started = static_cast<std::int64_t>(flights_.size());
  std::array<epoll_event, 64> events;
  for (std::size_t under_way = flights_.size(); under_way > 0;) {
    const int count = epoll_wait(poll, events.data(), events.size(), 10'000);
    if (count == 0) Fail("no answer within 10 seconds");
    for (int i = 0; i < count; ++i) {
      Flight& flight =
          *static_cast<Flight*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!Receive(flight, hits)) continue;
      if (absl::Now() - begin < time) {
        Start(flight, aim);
        ++hits.started;
      } else {
        --under_way;
      }
    }
  }
  hits.time = absl::Now() - begin;
  close(poll);
  return hits;
}

}  // namespace pinhole::bench
