// SPDX-License-Identifier: Apache-2.0

// The exchange of one message for another, in JSON.

#include <string>
#include <utility>

#include "fmt/format.h"
#include "gateway/exchange/exchange.h"
#include "gateway/http/compression.h"
#include "gateway/transcode/json_limits.h"
#include "gateway/upstream/call_headers.h"
#include "pinhole/v1/content_type.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

constexpr char kJson[] = "application/json";
// RFC 7396.  The rules of a PATCH (request_message.h) are its rules: what the
// body names is changed, null empties, and a list is replaced as a whole.
constexpr char kMergePatch[] = "application/merge-patch+json";

bool IsTaken(const std::string& type, bool patch) {
  // What curl -d says of any text is taken as not stated; a real form is no
  // JSON and refused as such.
  return type.empty() || type == kJson ||
         type == "application/x-www-form-urlencoded" ||
         (patch && type == kMergePatch);
}

}  // namespace

asio::awaitable<std::optional<std::string>> Exchange::ReadJsonBody() {
  const std::uint64_t limit = MaxJsonBytes(*route_->method, around_.limits);
  const absl::Status too_large = absl::ResourceExhaustedError(
      fmt::format("the body must be at most {} bytes", limit));
  if (!head_.has_body) co_return std::string();
  const std::string type = v1::MediaType(head_.Header("content-type"));
  const bool patch = head_.method == "PATCH";
  if (!IsTaken(type, patch)) {
    const std::string types =
        patch ? fmt::format("{} or {}", kJson, kMergePatch) : kJson;
    const absl::Status status = absl::InvalidArgumentError(
        fmt::format("the body must be JSON; send Content-Type: {}", types));
    HeaderList more;
    // RFC 5789, section 2.2.
    if (patch) {
      more.emplace_back("Accept-Patch",
                        fmt::format("{}, {}", kJson, kMergePatch));
    }
    google::rpc::Status proto = ToProto(status);
    co_await SendError(std::move(proto), Refusal::kMediaType, std::move(more));
    co_return std::nullopt;
  }
  const Encoding encoding = ContentEncoding(head_);
  if (encoding == Encoding::kOther) {
    co_await RefuseEncoding("gzip");
    co_return std::nullopt;
  }
  if (head_.content_length.value_or(0) > limit) {
    co_await Refuse(too_large, Refusal::kBodyTooLarge);
    co_return std::nullopt;
  }
  if (head_.expects_continue && !co_await connection_.SendContinue()) {
    co_return std::nullopt;
  }
  // One byte more than allowed shows that there is too much.
  auto read = co_await connection_.ReadBody(
      head_.content_length.value_or(limit) + 1, around_.limits.json_time);
  using Result = Connection::BodyRead::Result;
  if (read.result != Result::kData && read.result != Result::kEnd) {
    co_await RefuseBody(read.result);
  } else if (read.data.size() > limit) {
    co_await Refuse(too_large, Refusal::kBodyTooLarge);
  } else if (encoding == Encoding::kGzip) {
    auto plain = InflateJson(read.data, limit);
    if (plain.ok()) co_return *std::move(plain);
    const absl::Status status = plain.status();
    co_await Refuse(status, absl::IsResourceExhausted(status)
                                ? Refusal::kBodyTooLarge
                                : Refusal::kNone);
  } else {
    co_return std::move(read.data);
  }
  co_return std::nullopt;
}

asio::awaitable<void> Exchange::RefuseBody(Connection::BodyRead::Result why) {
  using Result = Connection::BodyRead::Result;
  if (why == Result::kTimeout) {
    const absl::Status status =
        absl::DeadlineExceededError("the body did not arrive");
    co_await Refuse(status, Refusal::kTimeout);
  } else if (why == Result::kMalformed) {
    const absl::Status status = absl::InvalidArgumentError(
        "the body is not well-formed: its chunks must be as RFC 9112 has them");
    co_await Refuse(status);
  }
}

asio::awaitable<void> Exchange::RefuseEncoding(std::string_view accepted) {
  HeaderList more;
  more.emplace_back("Accept-Encoding", std::string(accepted));
  const absl::Status status = InvalidField(
      "Content-Encoding",
      fmt::format("is not known here; send the body as {}", accepted));
  google::rpc::Status proto = ToProto(status);
  co_await SendError(std::move(proto), Refusal::kMediaType, std::move(more));
}

asio::awaitable<void> Exchange::Unary(MessagePtr request) {
  const bool administrators = route_->method->options().GetExtension(
                                  v1::access) == v1::ACCESS_ADMINISTRATOR;
  CallHeaders headers =
      MakeHeaders(administrators ? around_.limits.admin_timeout
                                 : around_.limits.default_timeout);
  const auto call =
      around_.upstream.Unary(*route_->method, std::move(headers),
                             std::move(request), inbox_->ReplyReceiver());
  const auto reply = co_await AwaitReply();
  if (reply) {
    co_await SendReply(*reply);
  } else {
    co_await AnswerAbort();
  }
}

}  // namespace pinhole::gateway
