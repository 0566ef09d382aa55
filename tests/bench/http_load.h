// SPDX-License-Identifier: Apache-2.0

// HttpLoad: requests over kept-alive HTTP connections from one thread with
// epoll, so cheap that the server has a core for itself: requests are made
// beforehand, of answers only code and length are looked at.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/load.h"

namespace pinhole::bench {

// A blocking connection to HOST:PORT.  Aborts if there is none, as everything
// here does when a connection breaks.
class HttpConnection {
 public:
  explicit HttpConnection(const std::string& address);
  ~HttpConnection();
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  int file() const { return file_; }
  void Send(const std::string& bytes) const;
  // Reads a head and returns its code.
  std::uint64_t ReadHead();
  // Reads an answer with a length, head and body, and returns the length.
  // Aborts if its code is not 200 or 201.
  std::uint64_t ReadAnswer();

 private:
  int file_ = -1;
  std::string head_;  // And what came with it.
};

// Everything that a request needs: GET TARGET with a token and `headers`.
std::string HttpGet(const std::string& target, const std::string& authorization,
                    const std::string& headers = "");

// Not thread-safe.
class HttpLoad {
 public:
  // The bytes of request number n, which outlive the run.
  using Aim = std::function<const std::string*(std::int64_t n)>;

  HttpLoad(const std::string& address, int connections);

  // Keeps a request under way on every connection for `time`, then waits for
  // the last.  Answers other than 200 are errors of code UNKNOWN.
  Hits Closed(absl::Duration time, const Aim& aim);

 private:
  struct Flight {
    HttpConnection connection;
    absl::Time begin;
    std::string received;
  };

  void Start(Flight& flight, const Aim& aim);
  // Whether the answer is whole, and then notes it.
  static bool Receive(Flight& flight, Hits& hits);

  std::vector<Flight> flights_;
  std::int64_t requests_ = 0;
};

}  // namespace pinhole::bench
