// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/request_parser.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/parser.hpp"
#include "fmt/format.h"

namespace pinhole::gateway {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kBodyBuffer = 64 * 1024;
// Most heads fit, and there can be many idle connections.
constexpr std::size_t kHeadStep = 4 * 1024;
// "0\r
// \r
// ": Beast asserts that this much is there for the last chunk.
constexpr std::size_t kLastChunk = 5;

RequestParser::Head Refused(absl::Status status,
                            Refusal refusal = Refusal::kNone) {
  RequestParser::Head refused;
  refused.result = RequestParser::Result::kRefused;
  refused.refusal = refusal;
  refused.status = std::move(status);
  return refused;
}

absl::Status Malformed(std::string_view why) {
  return MakeError(
      Reason::kMalformedHttp,
      fmt::format("the request is not well-formed HTTP/1.1: {}", why));
}

// Roughly the host and port of RFC 3986: characters that cannot begin a second
// host, a user or a path.
bool IsHost(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("-._~%!$&'()*+;=:[]").find(c) !=
               std::string_view::npos;
  });
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// Beast would wait for the CR LF that ends the chunk's line.
bool HasBareLineFeed(std::string_view text) {
  for (std::size_t i = text.find('\n'); i != std::string_view::npos;
       i = text.find('\n', i + 1)) {
    if (i == 0 || text[i - 1] != '\r') return true;
  }
  return false;
}

// Rejects what two parsers could read as different ends of the request or
// different hosts.  Beast has rejected a length together with chunks.
absl::Status CheckFraming(const RequestHead& head) {
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  for (const auto& [name, value] : head.headers) {
    if (name == "host") {
      ++hosts;
      if (!IsHost(value)) return InvalidField("Host", "must be HOST[:PORT]");
    } else if (name == "content-length") {
      ++lengths;
      if (!IsNumber(value)) {
        return InvalidField("Content-Length", "must be a single number");
      }
    } else if (name == "transfer-encoding") {
      ++codings;
      if (!absl::EqualsIgnoreCase(value, "chunked")) {
        return InvalidField("Transfer-Encoding",
                            "must be chunked, without other codings");
      }
    }
  }
  if (hosts > 1 || (hosts == 0 && !head.http_1_0)) {
    return InvalidField("Host", "must be given exactly once");
  }
  if (lengths > 1)
    return InvalidField("Content-Length", "must be given at most once");
  if (codings > 1) {
    return InvalidField("Transfer-Encoding", "must be given at most once");
  }
  if (codings == 1 && head.http_1_0) {
    return InvalidField("Transfer-Encoding", "is not allowed in HTTP/1.0");
  }
  return absl::OkStatus();
}

}  // namespace

struct RequestParser::Parts {
  explicit Parts(std::size_t max_bytes) : buffer(max_bytes) {}

  std::string_view arrived() const {
    return {static_cast<const char*>(buffer.data().data()), buffer.size()};
  }

  boost::beast::flat_buffer buffer;
  std::optional<http::request_parser<http::buffer_body>> parser;
  bool between = true;      // No byte of the next head has been parsed.
  bool may_skip = false;    // An empty line is allowed.
  std::size_t scanned = 0;  // Bytes of the head searched for its end.
  bool stalled = false;     // Beast needs more than the buffer has.
  // Bytes left of a body of known length, for which Beast is not used.
  std::optional<std::uint64_t> left;

  // Beast accepts anything in quotes, where other parsers end the line at a
  // bare LF.
  std::function<void(std::uint64_t, boost::beast::string_view, error_code&)>
      check_chunk = [](std::uint64_t, boost::beast::string_view extensions,
                       error_code& error) {
        for (const char c : extensions) {
          if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t') {
            error = http::error::bad_chunk_extension;
          }
        }
      };
};

// One step more than the maximum, so that there is room until the head is
// rejected.
RequestParser::RequestParser(std::size_t header_bytes)
    : header_bytes_(header_bytes),
      parts_(std::make_unique<Parts>(
          std::max(header_bytes + kHeadStep, kBodyBuffer))) {}

RequestParser::~RequestParser() = default;

std::span<char> RequestParser::Room() {
  auto& buffer = parts_->buffer;
  const bool in_body = parts_->parser && !at_end();
  if (!in_body && buffer.size() == 0 && buffer.capacity() > kHeadStep) {
    buffer.shrink_to_fit();
  }
  const std::size_t room = std::min(in_body ? kBodyBuffer : kHeadStep,
                                    buffer.max_size() - buffer.size());
  return {static_cast<char*>(buffer.prepare(room).data()), room};
}

void RequestParser::Arrived(std::size_t size) { parts_->buffer.commit(size); }

bool RequestParser::empty() const { return parts_->buffer.size() == 0; }

RequestParser::Head RequestParser::ParseHead() {
  Parts& parts = *parts_;
  if (std::exchange(parts.between, false)) {
    parts.parser.reset();
    parts.left.reset();
    parts.may_skip = true;
    parts.scanned = 0;
  }
  if (parts.may_skip && parts.arrived().substr(0, 2) == "\r\n") {
    parts.buffer.consume(2);
    parts.may_skip = false;
    parts.scanned = 0;
  }
  const std::string_view text = parts.arrived();
  // Rejects TLS on a plaintext port at once, which may never end a line.
  if (!text.empty() && static_cast<unsigned char>(text[0]) <= ' ' &&
      text[0] != '\r') {
    return Refused(Malformed("it must begin with a method"));
  }
  std::size_t end = 0;
  for (std::size_t from = std::max<std::size_t>(parts.scanned, 1) - 1;
       end == 0;) {
    const std::size_t line = text.find('\n', from);
    if (line == std::string_view::npos) break;
    if (line == 0 || text[line - 1] != '\r') {
      return Refused(Malformed("lines must end with CR LF"));
    }
    if (line >= 3 && text[line - 2] == '\n') end = line + 1;
    from = line + 1;
  }
  if ((end == 0 ? text.size() : end) > header_bytes_) {
    // If the request line has no end, it is what is too long.
    const bool no_line =
        text.substr(0, header_bytes_).find('\n') == std::string_view::npos;
    return Refused(
        MakeError(
            no_line ? Reason::kRequestLineTooLong : Reason::kHeadersTooLarge,
            fmt::format("the request line and headers must be at most {} bytes",
                        header_bytes_)),
        no_line ? Refusal::kTargetTooLong : Refusal::kHeaderTooLarge);
  }
  parts.scanned = std::max(parts.scanned, text.size());
  if (end == 0) return {};
  const std::string_view lines = text.substr(0, end);
  if (lines.find("\r\n ") < end || lines.find("\r\n\t") < end) {
    return Refused(Malformed("a header must not be folded into several lines"));
  }
  auto& parser = parts.parser.emplace();
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser.body_limit(boost::none);
  parser.on_chunk_header(parts.check_chunk);
  error_code error;
  parser.put({text.data(), end}, error);
  if (error || !parser.is_header_done()) {
    return Refused(Malformed(error.message()));
  }
  parts.buffer.consume(end);
  parts.between = true;
  parts.stalled = false;
  return TakeHead();
}

RequestParser::Head RequestParser::TakeHead() {
  auto& parser = *parts_->parser;
  const auto& message = parser.get();
  Head taken;
  taken.result = Result::kDone;
  RequestHead& head = taken.head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  head.http_1_0 = message.version() < 11;
  for (const auto& field : message) {
    head.headers.emplace_back(
        absl::AsciiStrToLower(
            {field.name_string().data(), field.name_string().size()}),
        std::string(field.value()));
  }
  if (absl::Status status = CheckFraming(head); !status.ok()) {
    return Refused(std::move(status));
  }
  if (const auto length = parser.content_length()) {
    head.content_length = *length;
  }
  parts_->left = head.content_length;
  head.has_body = parser.chunked() || head.content_length.value_or(0) > 0;
  for (const auto& [name, value] : head.headers) {
    if (name != "expect" || head.http_1_0) continue;
    if (!absl::EqualsIgnoreCase(value, "100-continue")) {
      return Refused(InvalidField("Expect", "must be 100-continue",
                                  Reason::kExpectationFailed),
                     Refusal::kExpectation);
    }
    head.expects_continue = true;
  }
  return taken;
}

RequestParser::Body RequestParser::ParseBody(std::span<char> to) {
  Parts& parts = *parts_;
  auto& parser = *parts.parser;
  Body parsed;
  if (parts.left) {
    parsed.size = static_cast<std::size_t>(
        std::min<std::uint64_t>({to.size(), parts.buffer.size(), *parts.left}));
    std::copy_n(parts.arrived().data(), parsed.size, to.data());
    parts.buffer.consume(parsed.size);
    Took(parsed.size);
    if (parsed.size == to.size() || at_end()) parsed.result = Result::kDone;
    return parsed;
  }
  while (parsed.size < to.size() && !parser.is_done()) {
    const std::size_t size = parts.buffer.size();
    if (size == 0 || (parts.stalled && size < kLastChunk)) return parsed;
    auto& body = parser.get().body();
    body.data = to.data() + parsed.size;
    body.size = to.size() - parsed.size;
    body.more = true;
    error_code error;
    const std::size_t used = parser.put(parts.buffer.data(), error);
    parsed.size = to.size() - body.size;
    parts.buffer.consume(used);
    parts.stalled = error == http::error::need_more;
    if (parts.stalled && parts.buffer.size() < parts.buffer.max_size() &&
        !HasBareLineFeed(parts.arrived())) {
      return parsed;
    }
    if (error && error != http::error::need_buffer) {
      parsed.result = Result::kRefused;
      return parsed;
    }
  }
  parsed.result = Result::kDone;
  return parsed;
}

std::span<char> RequestParser::DirectRoom(std::span<char> to) const {
  if (!empty()) return {};
  return to.first(static_cast<std::size_t>(
      std::min<std::uint64_t>(to.size(), parts_->left.value_or(0))));
}

void RequestParser::Took(std::size_t size) { *parts_->left -= size; }

bool RequestParser::at_end() const {
  if (!parts_->parser) return false;
  return parts_->left ? *parts_->left == 0 : parts_->parser->is_done();
}

bool RequestParser::keep_alive() const { return parts_->parser->keep_alive(); }

}  // namespace pinhole::gateway
