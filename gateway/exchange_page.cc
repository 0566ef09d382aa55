// SPDX-License-Identifier: Apache-2.0

// The exchange about the gateway's own pages.

#include <string>
#include <utility>

#include "fmt/format.h"
#include "gateway/exchange.h"
#include "gateway/http_error.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

asio::awaitable<void> Exchange::AnswerPage(const Pages::Page& page) {
  route_label_ = page.path;
  if (head_.method == "GET" || IsHead()) {
    Response response = Pages::Answer(page, head_.Header("if-none-match"));
    co_await Send(std::move(response));
    co_return;
  }
  HeaderList allow;
  allow.emplace_back("Allow", "GET, HEAD");
  google::rpc::Status status = ToProto(absl::UnimplementedError(
      fmt::format("this path does not take {}", head_.method)));
  co_await SendError(std::move(status), Refusal::kMethodNotAllowed,
                     std::move(allow));
}

}  // namespace pinhole::gateway
