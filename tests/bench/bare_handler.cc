// SPDX-License-Identifier: Apache-2.0

// The bound of a call through the gateway inside the server: a Beast handler
// that makes the request message, copies an answer and prints it, all in
// process and for one hard-coded method.

#include "pinhole/v1/photo_service.pb.h"
#include "tests/bench/bare_answer.h"
#include "tests/bench/bare_http.h"

namespace pinhole::bench {
namespace {

void Serve() {
  boost::asio::io_context io(1);
  const v1::Photo answer = MakeBareAnswer();
  const BareHandler handler =
      [&answer](
          const BareRequest& http) -> boost::asio::awaitable<std::string> {
    v1::GetPhotoRequest request;
    request.set_name(std::string(http.target().substr(4)));  // Of "/v1/".
    // The copy is part of what is measured: a service fills a new message, too.
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
    const v1::Photo photo = answer;
    if (request.name().empty() ||
        http.count(boost::beast::http::field::authorization) == 0) {
      throw std::invalid_argument("not the request of the benchmark");
    }
    co_return BareJson(photo);
  };
  ServeBare(io, handler);
}

}  // namespace
}  // namespace pinhole::bench

int main() { pinhole::bench::Serve(); }
