// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/json_body.h"

#include <utility>

#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/compression.h"
#include "gateway/transcode/json_limits.h"
#include "pinhole/v1/content_type.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

using Result = Connection::BodyRead::Result;

constexpr char kJson[] = "application/json";
// RFC 7396.  A PATCH (request_message.h) follows its rules: fields in the body
// are changed, null clears a field, and a list is replaced as a whole.
constexpr char kMergePatch[] = "application/merge-patch+json";

bool IsTaken(const std::string& type, bool patch) {
  // curl -d sends the type of a form by default, so it counts as unspecified. A
  // real form is not JSON and is refused for that reason.
  return type.empty() || type == kJson ||
         type == "application/x-www-form-urlencoded" ||
         (patch && type == kMergePatch);
}

asio::awaitable<void> RefuseBody(Exchange& exchange, Result why) {
  if (why == Result::kTimeout) {
    const absl::Status status =
        MakeError(Reason::kRequestTimeout, "the body did not arrive");
    co_await exchange.Refuse(status, Refusal::kTimeout);
  } else if (why == Result::kMalformed) {
    const absl::Status status = MakeError(
        Reason::kMalformedHttp,
        "the body is not well-formed: its chunks must be as RFC 9112 has them");
    co_await exchange.Refuse(status);
  }
}

}  // namespace

asio::awaitable<std::optional<std::string>> ReadJsonBody(Exchange& exchange,
                                                         const Route& route) {
  const RequestHead& head = exchange.head();
  Connection& connection = exchange.connection();
  const Limits& limits = exchange.context().limits;
  const std::uint64_t limit = MaxJsonBytes(*route.method, limits);
  const absl::Status too_large =
      MakeError(Reason::kBodyTooLarge,
                fmt::format("the body must be at most {} bytes", limit));
  if (!head.has_body) co_return std::string();
  const std::string type = v1::MediaType(head.Header("content-type"));
  const bool patch = head.method == "PATCH";
  if (!IsTaken(type, patch)) {
    const std::string types =
        patch ? fmt::format("{} or {}", kJson, kMergePatch) : kJson;
    const absl::Status status = MakeError(
        Reason::kUnsupportedMediaType,
        fmt::format("the body must be JSON; send Content-Type: {}", types));
    HeaderList more;
    // RFC 5789, section 2.2.
    if (patch) {
      more.emplace_back("Accept-Patch",
                        fmt::format("{}, {}", kJson, kMergePatch));
    }
    google::rpc::Status proto = ToProto(status);
    co_await exchange.SendError(std::move(proto), Refusal::kMediaType,
                                std::move(more));
    co_return std::nullopt;
  }
  const Encoding encoding = ContentEncoding(head);
  if (encoding == Encoding::kOther) {
    co_await exchange.RefuseEncoding("gzip");
    co_return std::nullopt;
  }
  if (head.content_length.value_or(0) > limit) {
    co_await exchange.Refuse(too_large, Refusal::kBodyTooLarge);
    co_return std::nullopt;
  }
  if (head.expects_continue && !co_await connection.SendContinue()) {
    co_return std::nullopt;
  }
  // One byte above the limit shows that the body is too large.
  auto read = co_await connection.ReadBody(
      head.content_length.value_or(limit) + 1, limits.json_time);
  if (read.result != Result::kData && read.result != Result::kEnd) {
    co_await RefuseBody(exchange, read.result);
  } else if (read.data.size() > limit) {
    co_await exchange.Refuse(too_large, Refusal::kBodyTooLarge);
  } else if (encoding == Encoding::kGzip) {
    auto plain = InflateJson(read.data, limit);
    if (plain.ok()) co_return *std::move(plain);
    const absl::Status status = plain.status();
    co_await exchange.Refuse(status, absl::IsResourceExhausted(status)
                                         ? Refusal::kBodyTooLarge
                                         : Refusal::kNone);
  } else {
    co_return std::move(read.data);
  }
  co_return std::nullopt;
}

}  // namespace pinhole::gateway
