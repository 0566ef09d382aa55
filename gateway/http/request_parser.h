// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "gateway/http/http_error.h"
#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Parses HTTP/1.1 requests of one connection, without sockets.
//
// Beast parses the grammar.  This class adds the rules that keep a request from
// meaning different things to a proxy and to the gateway, and limits the
// memory: see `ParseHead` and `ParseBody`.  Memory is bounded by about the
// larger of `header_bytes` and 64 KiB.  Not thread-safe.
class RequestParser {
 public:
  // The maximum of request line and headers together.
  explicit RequestParser(std::size_t header_bytes);
  ~RequestParser();

  // `Room` returns where to put bytes, and `Arrived` how many were put there.
  // `Room` is not empty after kMore.
  std::span<char> Room();
  void Arrived(std::size_t size);
  // Whether all bytes that arrived have been parsed.
  bool empty() const;

  enum class Result { kMore, kDone, kRefused };

  struct Head {
    Result result = Result::kMore;
    RequestHead head;                  // If kDone.
    Refusal refusal = Refusal::kNone;  // If kRefused, like `status`.
    absl::Status status;
  };
  // Parses the next request.  Can be repeated only after kMore.
  //
  // Refuses, besides malformed HTTP/1.1: bare CR and LF, NUL, folded lines; a
  // Host that is missing (in 1.1), repeated or invalid; a Transfer-Encoding
  // other than `chunked`; a Content-Length that is not one number; both
  // together; an Expect other than 100-continue.  Skips one empty line before
  // the request, as RFC 9112 recommends.
  Head ParseHead();

  struct Body {
    // kDone: the body has ended, or `to` is full.  kRefused: the chunks are
    // malformed, or their extensions or trailers are too long.
    Result result = Result::kMore;
    std::size_t size = 0;  // Written to `to`.
  };
  Body ParseBody(std::span<char> to);

  // Returns the part of `to` into which bytes of the body can be read directly:
  // it is empty unless the length is known and everything that arrived has been
  // parsed.  Then call `Took` with the number of bytes.
  std::span<char> DirectRoom(std::span<char> to) const;
  void Took(std::size_t size);

  // About the last request: whether its body was read to the end, and whether
  // another request can follow on the connection.
  bool at_end() const;
  bool keep_alive() const;

 private:
  struct Parts;  // Hides Beast, which compiles slowly.

  Head TakeHead();

  const std::size_t header_bytes_;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace pinhole::gateway
