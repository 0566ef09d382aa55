// SPDX-License-Identifier: Apache-2.0

// The exchange about the gateway's own pages.

#include <string>
#include <utility>
#include <vector>

#include "gateway/exchange/exchange.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

asio::awaitable<void> Exchange::AnswerPage(const Pages::Page& page) {
  route_label_ = page.path;
  if (head_.method == "GET" || IsHead()) {
    Response response = Pages::Answer(page, head_.Header("if-none-match"));
    co_await Send(std::move(response));
    co_return;
  }
  std::vector<std::string> allowed = {"GET", "HEAD"};
  co_await AnswerAllowed(std::move(allowed));
}

}  // namespace pinhole::gateway
