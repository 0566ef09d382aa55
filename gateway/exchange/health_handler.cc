// SPDX-License-Identifier: Apache-2.0

// The exchange that tells whether the process lives and its servers serve.

#include <string>
#include <utility>
#include <vector>

#include "gateway/exchange/exchange.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// Who asks has given up by then.
constexpr absl::Duration kPatience = absl::Seconds(5);

}  // namespace

asio::awaitable<void> Exchange::AnswerHealth(std::string_view path) {
  route_label_ = path;
  if (head_.method != "GET" && !IsHead()) {
    std::vector<std::string> allowed = {"GET", "HEAD"};
    co_await AnswerAllowed(std::move(allowed));
    co_return;
  }
  if (path == "/readyz") {
    if (!around_.ready) {
      const absl::Status status =
          absl::UnavailableError("the server is stopping");
      co_await Refuse(status);
      co_return;
    }
    CallHeaders headers = MakeHeaders(kPatience);
    const auto call =
        around_.upstream.Check(std::move(headers), inbox_->ReplyReceiver());
    const auto verdict = co_await AwaitReply();
    if (!verdict) {
      co_await AnswerAbort();
      co_return;
    }
    if (verdict->status.code() != 0) {
      co_await SendError(verdict->status);
      co_return;
    }
  }
  Response response;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = R"({"status":"ok"})";
  co_await Send(std::move(response));
}

}  // namespace pinhole::gateway
