// SPDX-License-Identifier: Apache-2.0

// Several backends, several connections, and what becomes of dead ones.

#include <string>

#include "fmt/format.h"
#include "grpcpp/health_check_service_interface.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/gateway/upstream/backend.h"
#include "tests/unit/gateway/upstream/mute_server.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::StatusIs;

class ReadinessTest : public RemoteUpstreamTest {
 protected:
  static google::rpc::Status Check(Upstream& upstream) {
    std::unique_ptr<UpstreamCall> call;
    return Wait([&](ReplyCallback done) {
             call = upstream.Check({}, std::move(done));
           })
        .status;
  }
};

// Every other call failed although a backend was there.
TEST_F(RemoteUpstreamTest, DeadBackendGetsNoCallsWhileAnotherLives) {
  Backend alive;
  const DeadServer dead;
  const auto upstream =
      RemoteUpstream::Create({dead.address(), alive.address}).value();
  while (Get(*upstream, "photos/7").message == nullptr) {
  }

  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Get(*upstream, "photos/7").message != nullptr);
  }
}

TEST_F(RemoteUpstreamTest, BackendThatComesBackGetsItsShareAgain) {
  Backend first;
  auto second = std::make_unique<Backend>();
  const std::string address = second->address;
  const auto upstream =
      RemoteUpstream::Create({first.address, address}).value();
  while (second->photos.calls == 0) Get(*upstream, "photos/7");
  second->server->Shutdown();
  second = nullptr;
  Get(*upstream, "photos/7");

  second = std::make_unique<Backend>(address);

  while (second->photos.calls == 0) Get(*upstream, "photos/7");
}

// It is about to stop, for example.
TEST_F(RemoteUpstreamTest, BackendThatDoesNotServeGetsNoCallsWhileAnotherDoes) {
  grpc::EnableDefaultHealthCheckService(true);
  Backend first;
  Backend second;
  const auto upstream =
      RemoteUpstream::Create({first.address, second.address}).value();
  while (first.photos.calls == 0 || second.photos.calls == 0) {
    Get(*upstream, "photos/7");
  }

  first.server->GetHealthCheckService()->SetServingStatus(false);

  // Until the gateway knows, at least one of two calls reaches the backend.
  int calls = 0;
  do {
    calls = first.photos.calls;
    for (int i = 0; i < 4; ++i) Get(*upstream, "photos/7");
  } while (first.photos.calls != calls);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Get(*upstream, "photos/7").message != nullptr);
  }
  EXPECT_EQ(first.photos.calls, calls);

  // With none that serves, calls are better than errors.
  second.server->GetHealthCheckService()->SetServingStatus(false);
  while (first.photos.calls == calls) {
    EXPECT_TRUE(Get(*upstream, "photos/7").message != nullptr);
  }

  first.server->GetHealthCheckService()->SetServingStatus(true);
  second.server->GetHealthCheckService()->SetServingStatus(true);
  calls = second.photos.calls;
  while (second.photos.calls == calls) Get(*upstream, "photos/7");
}

TEST_F(RemoteUpstreamTest, EachBackendHasTheConnectionsAskedFor) {
  Backend backend;
  RemoteUpstreamOptions options;
  options.channels = 3;
  const auto upstream =
      RemoteUpstream::Create({backend.address}, options).value();

  while (backend.photos.Peers() < 3) Get(*upstream, "photos/7");
}

// Its turn may be that of one that is away.
TEST_F(ReadinessTest, IsReadyAsLongAsOneBackendServes) {
  grpc::EnableDefaultHealthCheckService(true);
  Backend serving;
  const DeadServer dead;
  Backend stopping;
  stopping.server->GetHealthCheckService()->SetServingStatus(false);
  const auto upstream = RemoteUpstream::Create(
                            {dead.address(), serving.address, stopping.address})
                            .value();

  for (int i = 0; i < 5; ++i) EXPECT_EQ(Check(*upstream).code(), 0);

  serving.server->GetHealthCheckService()->SetServingStatus(false);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Check(*upstream).code(), 14);
}

TEST_F(RemoteUpstreamTest, ChannelsOutOfRangeAreRefused) {
  for (const int channels : {0, 65}) {
    RemoteUpstreamOptions options;
    options.channels = channels;

    EXPECT_THAT(RemoteUpstream::Create({"127.0.0.1:1"}, options),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

// Without pings a call to a machine that has lost its power waits for ever.
TEST_F(RemoteUpstreamTest, CallToAServerThatWentSilentEnds) {
  MuteServer mute;
  RemoteUpstreamOptions options;
  options.keepalive_time = absl::Milliseconds(100);
  options.keepalive_timeout = absl::Milliseconds(100);
  const auto upstream =
      RemoteUpstream::Create({mute.address()}, options).value();

  EXPECT_EQ(Get(*upstream, "photos/7").status.code(), 14);
}

}  // namespace
}  // namespace pinhole::gateway
