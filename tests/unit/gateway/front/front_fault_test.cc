// SPDX-License-Identifier: Apache-2.0

// B7: an exception in one request ended the process.

#include <stdexcept>
#include <string>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

// An upstream with a mistake in it.
class ThrowingUpstream final : public Upstream {
 public:
  std::unique_ptr<UpstreamCall> Unary(const Method&, CallHeaders, MessagePtr,
                                      ReplyCallback) override {
    throw std::runtime_error("thrown by the test");
  }
  std::unique_ptr<RequestStream> ClientStreaming(const Method&, CallHeaders,
                                                 ReplyCallback) override {
    throw std::runtime_error("thrown by the test");
  }
  std::unique_ptr<ResponseStream> ServerStreaming(const Method&, CallHeaders,
                                                  MessagePtr) override {
    throw std::runtime_error("thrown by the test");
  }
};

TEST(FaultTest, CutsOneConnectionAndIsLogged) {
  ThrowingUpstream upstream;
  RecordingObserver observer;
  std::string logged;
  absl::Notification was_logged;
  HttpServer::Options options;
  options.listen = "127.0.0.1:0";
  options.services = {v1::Photo::descriptor()->file()->service(0)->full_name()};
  options.log = [&](std::string_view line) {
    logged = line;
    was_logged.Notify();
  };
  const auto server = HttpServer::Start(options, upstream, observer).value();
  RawClient other(server->address());
  EXPECT_EQ(other.Request("GET /healthz").code, 200);

  RawClient client(server->address());
  EXPECT_EQ(client.Request("GET /v1/photos/7").code, 0);

  EXPECT_EQ(observer.AwaitNumber(2), "GET /v1/{name=photos/*} 500");
  was_logged.WaitForNotification();
  EXPECT_THAT(logged, HasSubstr("thrown by the test"));
  EXPECT_EQ(other.Request("GET /healthz").code, 200);
  EXPECT_EQ(RawClient(server->address()).Request("GET /healthz").code, 200);
}

}  // namespace
}  // namespace pinhole::gateway
