// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/page_handler.h"

#include <utility>

namespace pinhole::gateway {

boost::asio::awaitable<void> AnswerPage(Exchange& exchange,
                                        const Pages::Page& page) {
  const RequestHead& head = exchange.head();
  exchange.SetRoute(page.path);
  if (head.method != "GET" && !exchange.IsHead()) {
    return exchange.AnswerAllowed({"GET", "HEAD"});
  }
  return exchange.Send(Pages::Answer(page, head.Header("if-none-match")));
}

}  // namespace pinhole::gateway
