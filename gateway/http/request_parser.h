// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_REQUEST_PARSER_H_
#define PINHOLE_GATEWAY_HTTP_REQUEST_PARSER_H_

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "gateway/http/http_error.h"
#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// HTTP/1.1 from bytes, free of sockets: the heads and bodies of one client's
// requests, one after the other.
//
// Beast reads the grammar.  Around it stands what keeps a request from meaning
// one thing to a proxy before us and another to us, and from taking memory
// without end: see `ParseHead` and `ParseBody`.  Memory is bounded by the
// larger of `header_bytes` and 64 KiB, about.  Not thread-safe.
class RequestParser {
 public:
  // Of a request line and headers together.
  explicit RequestParser(std::size_t header_bytes);
  ~RequestParser();

  // Where bytes that arrive go, and how many did.  Never empty after kMore.
  std::span<char> Room();
  void Arrived(std::size_t size);
  // Whether all that arrived was taken.
  bool empty() const;

  enum class Result { kMore, kDone, kRefused };

  struct Head {
    Result result = Result::kMore;
    RequestHead head;                  // If done.
    Refusal refusal = Refusal::kNone;  // If refused, with the status.
    absl::Status status;
  };
  // The next request.  May be called again after kMore only.
  //
  // Refused besides what is no HTTP/1.1: bare CR and LF, NUL, folded lines; a
  // Host that is missing (in 1.1), repeated or no host; any Transfer-Encoding
  // but one `chunked`; any Content-Length but one number, and both together; an
  // Expect other than 100-continue.  One empty line before the request is
  // skipped, as RFC 9112 asks for.
  Head ParseHead();

  struct Body {
    // kDone: at the end, or `to` is full.  kRefused: the chunks are malformed,
    // or their extensions or trailers are too long.
    Result result = Result::kMore;
    std::size_t size = 0;  // Written to `to`.
  };
  Body ParseBody(std::span<char> to);

  // Where the next bytes of a body may be read to without `Room`: the beginning
  // of `to`, if the body's length is known and nothing has arrived that was not
  // taken; else nothing.  `Took` says how many it were.
  std::span<char> DirectRoom(std::span<char> to) const;
  void Took(std::size_t size);

  // Of the last request: whether its body was read to the end, and whether
  // another one may follow on the connection.
  bool at_end() const;
  bool keep_alive() const;

 private:
  struct Parts;  // Keeps Beast, which compiles slowly, out of this header.

  Head TakeHead();

  const std::size_t header_bytes_;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_REQUEST_PARSER_H_
