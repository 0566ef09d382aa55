// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/error_reasons.h"
#include "base/net/host_port.h"
#include "gateway/http/http_error.h"
#include "gtest/gtest.h"

namespace pinhole::gateway {

// A blocking HTTP client that sends just what it is told, well-formed or not.
// Expects that each error has a reason that is documented for its HTTP code.
class RawClient {
 public:
  struct Answer {
    int code = 0;      // 0: the connection ended before a whole head.
    std::string head;  // Lower case.
    std::string body;
    bool whole = false;  // The body came to its end.

    bool Has(std::string_view header) const {
      return head.find(header) != std::string::npos;
    }
  };

  // `address` is 127.0.0.1:PORT.
  explicit RawClient(const std::string& address) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(ParseHostPort(address)->port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0;
  }
  virtual ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = Put(bytes);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Sends what fits without waiting; how much that was.
  std::size_t SendSome(std::string_view bytes) {
    std::size_t total = 0;
    while (total < bytes.size()) {
      const auto sent = send(socket_, bytes.data() + total,
                             bytes.size() - total, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) break;
      total += static_cast<std::size_t>(sent);
    }
    return total;
  }

  // How much of what was sent the other side, which is in this process, has
  // read.
  std::size_t BytesReadByPeer() const;

  Answer Request(std::string_view line, std::string_view headers = "",
                 std::string_view body = "") {
    std::string text(line);
    text += " HTTP/1.1\r\nHost: test\r\n";
    text += headers;
    text += "\r\n";
    text += body;
    Send(text);
    return Read(line.substr(0, 5) == "HEAD ");
  }

  Answer Read(bool head_only = false) {
    Answer answer = ReadHead();
    if (answer.code == 0) return answer;
    if (head_only || answer.code == 304 || answer.code == 204 ||
        answer.code == 100) {
      answer.whole = true;
      return answer;
    }
    const auto length = answer.head.find("content-length: ");
    if (answer.Has("transfer-encoding: chunked")) {
      while (true) {
        std::string piece = ReadChunk(&answer.whole);
        if (piece.empty()) break;
        answer.body += piece;
      }
    } else if (length != std::string::npos) {
      const auto size =
          std::strtoul(answer.head.c_str() + length + 16, nullptr, 10);
      while (buffer_.size() < size && More()) {
      }
      answer.whole = buffer_.size() >= size;
      answer.body = Take(std::min(size, buffer_.size()));
    }
    if (answer.whole && answer.code >= 400) CheckReason(answer);
    return answer;
  }

  Answer ReadHead() {
    Answer answer;
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!More()) return answer;
    }
    answer.head = Take(end + 4);
    std::transform(answer.head.begin(), answer.head.end(), answer.head.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    answer.code = std::atoi(answer.head.c_str() + 9);
    return answer;
  }

  // The next chunk of a chunked body; empty at its end, or if it was cut.
  std::string ReadChunk(bool* whole) {
    std::size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!More()) return "";
    }
    const auto size = std::strtoul(buffer_.c_str(), nullptr, 16);
    Take(end + 2);
    while (buffer_.size() < size + 2) {
      if (!More()) return "";
    }
    std::string piece = Take(size);
    Take(2);
    *whole = size == 0;
    return piece;
  }

  // Whether there is something to read, or the end, within `patience`.
  bool Readable(absl::Duration patience) {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    return poll(&readable, 1,
                static_cast<int>(absl::ToInt64Milliseconds(patience))) > 0;
  }

  // Whether the other side has closed.
  bool AtEnd() { return buffer_.empty() && !More(); }

 protected:
  virtual ssize_t Put(std::string_view bytes) {
    return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  virtual ssize_t Get(char* to, std::size_t size) {
    return recv(socket_, to, size, 0);
  }
  int socket() const { return socket_; }

 private:
  static void CheckReason(const Answer& answer) {
    if (answer.body.rfind("{\"code\":", 0) != 0) return;
    constexpr std::string_view kKey = "\"reason\":\"";
    const std::size_t begin = answer.body.find(kKey) + kKey.size();
    const std::string name =
        answer.body.substr(begin, answer.body.find('"', begin) - begin);
    const std::optional<Reason> reason = FindReason(name);
    ASSERT_TRUE(reason.has_value()) << answer.body;
    const ReasonInfo& info = InfoOf(*reason);
    const std::string code = std::to_string(answer.code);
    EXPECT_NE(
        info.http.empty()
            ? std::to_string(HttpCode(static_cast<int>(info.code))).find(code)
            : info.http.find(code),
        std::string::npos)
        << code << ": " << answer.body;
    EXPECT_NE(answer.body.find("\"domain\":\"pinhole\""), std::string::npos)
        << answer.body;
  }

  bool More() {
    char piece[64 * 1024];
    const auto got = Get(piece, sizeof(piece));
    if (got <= 0) return false;
    buffer_.append(piece, static_cast<std::size_t>(got));
    return true;
  }
  std::string Take(std::size_t size) {
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
  }

  int socket_ = -1;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace pinhole::gateway
