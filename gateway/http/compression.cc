// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/compression.h"

#define ZLIB_CONST  // Makes next_in a pointer to const.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/http/response_headers.h"

namespace pinhole::gateway {
namespace {

// Shorter bodies fit into one or two packets anyway.
constexpr std::size_t kLeastBytes = 1024;
// Compression runs on the HTTP thread.  The fastest level takes a third of the
// time of the default one, and JSON gets hardly larger.
constexpr int kLevel = Z_BEST_SPEED;
constexpr int kGzipFormat = 15 + 16;  // The largest window, with a gzip header.

// Joins the values of a list header; `name` is in lower case.
std::string Join(const RequestHead& head, std::string_view name) {
  std::string joined;
  for (const auto& [key, value] : head.headers) {
    if (key == name) joined += fmt::format("{},", value);
  }
  return absl::AsciiStrToLower(joined);
}

// "q=0.5" is 0.5.  Returns nothing if it is malformed.
std::optional<double> Weight(absl::string_view parameters) {
  if (parameters.empty()) return 1;
  double weight = 0;
  if (!absl::ConsumePrefix(&parameters, "q=") ||
      !absl::SimpleAtod(parameters, &weight) || !(weight >= 0 && weight <= 1)) {
    return std::nullopt;
  }
  return weight;
}

absl::Status NotGzip() {
  return InvalidField(
      "Content-Encoding",
      "is gzip, but the body is not valid gzip or is incomplete");
}

bool HasHeader(const Response& response, std::string_view name) {
  return std::any_of(
      response.headers.begin(), response.headers.end(),
      [name](const auto& header) { return header.first == name; });
}

bool IsText(const Response& response) {
  return std::any_of(
      response.headers.begin(), response.headers.end(), [](const auto& header) {
        return header.first == "Content-Type" &&
               (absl::StartsWith(header.second, "application/json") ||
                absl::StartsWith(header.second, "text/"));
      });
}

}  // namespace

Encoding ContentEncoding(const RequestHead& head) {
  Encoding encoding = Encoding::kIdentity;
  const std::string list = Join(head, "content-encoding");
  for (absl::string_view name : absl::StrSplit(list, ',')) {
    name = absl::StripAsciiWhitespace(name);
    if (name.empty() || name == "identity") continue;
    // Repeated encodings are not supported.
    if (encoding != Encoding::kIdentity) return Encoding::kOther;
    if (name != "gzip" && name != "x-gzip") return Encoding::kOther;
    encoding = Encoding::kGzip;
  }
  return encoding;
}

absl::StatusOr<std::string> Gunzip(std::string_view data, std::uint64_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipFormat) != Z_OK) {
    return MakeError(Reason::kOutOfMemory,
                     "not enough memory to decompress the body");
  }
  stream.next_in = reinterpret_cast<const Bytef*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  std::string plain;
  std::array<char, 16 * 1024> piece;
  int result = Z_OK;
  while (result == Z_OK && plain.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    result = inflate(&stream, Z_NO_FLUSH);
    plain.append(piece.data(), piece.size() - stream.avail_out);
    // Several gzip members in a row are one text.
    if (result == Z_STREAM_END && stream.avail_in > 0) {
      result = inflateReset(&stream);
    }
  }
  inflateEnd(&stream);
  if (plain.size() > limit) {
    return MakeError(
        Reason::kBodyTooLarge,
        fmt::format("the body must be at most {} bytes after decompression",
                    limit));
  }
  if (result != Z_STREAM_END) return NotGzip();
  return plain;
}

std::string Gzip(std::string_view data) {
  z_stream stream{};
  std::string packed;
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipFormat, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return packed;
  }
  packed.resize(deflateBound(&stream, data.size()));
  stream.next_in = reinterpret_cast<const Bytef*>(data.data());
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);  // The buffer is large enough for all of it.
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

bool AcceptsGzip(const RequestHead& head) {
  double gzip = -1;
  double identity = -1;
  double rest = 0;
  const std::string list = Join(head, "accept-encoding");
  for (const absl::string_view entry : absl::StrSplit(list, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(entry, absl::MaxSplits(';', 1));
    const auto name = absl::StripAsciiWhitespace(parts.first);
    const auto weight = Weight(absl::StripAsciiWhitespace(parts.second));
    if (!weight) continue;
    if (name == "gzip" || name == "x-gzip") gzip = *weight;
    if (name == "identity") identity = *weight;
    if (name == "*") rest = *weight;
  }
  if (gzip < 0) gzip = rest;
  return gzip > 0 && gzip >= identity;
}

void CompressBody(const RequestHead& head, Response* response) {
  if (response->body.empty() || !IsText(*response)) return;
  // The handler has compressed it on another thread.
  if (HasHeader(*response, "Content-Encoding")) return;
  AddVary("Accept-Encoding", response);
  if (response->body.size() < kLeastBytes || !AcceptsGzip(head)) return;
  std::string packed = Gzip(response->body);
  if (packed.empty() || packed.size() >= response->body.size()) return;
  response->body = std::move(packed);
  response->headers.emplace_back("Content-Encoding", "gzip");
  for (auto& [name, value] : response->headers) {
    // The bytes are no longer identical.
    if (name == "ETag" && absl::StartsWith(value, "\"")) {
      value.insert(0, "W/");
    }
  }
}

}  // namespace pinhole::gateway
