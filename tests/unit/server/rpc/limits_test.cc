// SPDX-License-Identifier: Apache-2.0

// The limits of dispatch for one caller and for all callers.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/dispatch.h"
#include "tests/support/test_loop.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::rpc {
namespace {

using ::testing::HasSubstr;

constexpr char kHere[] = "ipv4:127.0.0.1:5";
constexpr char kThere[] = "ipv4:203.0.113.9:5";
constexpr char kElsewhere[] = "ipv4:203.0.113.8:5";

template <typename Detail>
Detail DetailOf(const google::rpc::Status& status) {
  Detail found;
  for (const auto& any : status.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&found);
  }
  return found;
}

std::string ReasonIn(const google::rpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).reason();
}

class NoWriter final : public MessageWriter {
 public:
  Task<absl::Status> Begin() override { co_return absl::OkStatus(); }
  Task<absl::Status> Write(google::protobuf::Message&) override {
    co_return absl::OkStatus();
  }
};

class LimitsTest : public ::testing::Test {
 protected:
  explicit LimitsTest(Dispatch::Options options = {})
      : world_(std::move(options)) {}

  google::rpc::Status Get(const std::string& peer,
                          const std::string& token = "") {
    v1::Photo photo;
    Call call = NewCall(peer, token);
    return loop_.Run(
        world_.dispatch.Unary(MethodOf("pinhole.v1.PhotoService.GetPhoto"),
                              call, v1::GetPhotoRequest(), &photo));
  }
  // The number of `calls` that are answered.
  int GetAll(int calls, const std::string& peer,
             const std::string& token = "") {
    int answered = 0;
    for (int i = 0; i < calls; ++i) answered += Get(peer, token).code() == 0;
    return answered;
  }
  google::rpc::Status CheckHealth(const std::string& peer) {
    grpc::health::v1::HealthCheckResponse response;
    Call call = NewCall(peer, "");
    return loop_.Run(world_.dispatch.Unary(
        MethodOf("grpc.health.v1.Health.Check"), call,
        grpc::health::v1::HealthCheckRequest(), &response));
  }

  static Call NewCall(const std::string& peer, const std::string& token) {
    Call call;
    call.peer = peer;
    if (!token.empty()) {
      call.metadata = {{"authorization", "Bearer " + token}};
    }
    return call;
  }
  const Method& MethodOf(const std::string& name) const {
    return *world_.registry.Find(name);
  }

  FrontWorld world_;
  testing::TestLoop loop_;
};

class AddressRateTest : public LimitsTest {
 protected:
  AddressRateTest() : LimitsTest({.rates = {.per_address = 0.5}}) {}
};

TEST_F(AddressRateTest, TenSecondsWorthMayComeAtOnce) {
  EXPECT_EQ(GetAll(10, kThere), 5);
}

TEST_F(AddressRateTest, ARefusalSaysWhyAndWhenToTryAgain) {
  GetAll(5, kThere);

  const google::rpc::Status status = Get(kThere);
  EXPECT_EQ(status.code(),
            static_cast<int>(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonIn(status), "RATE_LIMITED");
  EXPECT_THAT(
      status.message(),
      HasSubstr(
          "your address exceeds the limit of 0.5 calls per second; retry"));
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  EXPECT_GE(retry.retry_delay().seconds(), 1);
  EXPECT_LE(retry.retry_delay().seconds(), 2);
}

TEST_F(AddressRateTest, CallThatWasAdmittedBeforeItsRequestCountsOnce) {
  const Method& method = MethodOf("pinhole.v1.PhotoService.GetPhoto");
  int admitted = 0;
  for (int i = 0; i < 10; ++i) {
    Call call = NewCall(kThere, "");
    const google::rpc::Status status =
        loop_.Run(world_.dispatch.Admit(method, call));
    if (status.code() != 0) {
      EXPECT_EQ(ReasonIn(status), "RATE_LIMITED");
      continue;
    }
    ++admitted;
    v1::Photo photo;
    Call same = NewCall(kThere, "");
    same.admitted = true;
    EXPECT_EQ(loop_
                  .Run(world_.dispatch.Unary(method, same,
                                             v1::GetPhotoRequest(), &photo))
                  .code(),
              0);
  }

  EXPECT_EQ(admitted, 5);
  EXPECT_EQ(world_.observer.handled, 10);
  EXPECT_EQ(world_.observer.started, 10);
}

TEST_F(AddressRateTest, OthersAreNotAffected) {
  GetAll(10, kThere);

  EXPECT_EQ(GetAll(5, kElsewhere), 5);
}

TEST_F(AddressRateTest, LoopbackIsNotLimited) {
  EXPECT_EQ(GetAll(100, kHere), 100);
}

TEST_F(AddressRateTest, BadTokensCount) {
  for (int i = 0; i < 5; ++i) Get(kThere, "bad");

  EXPECT_EQ(ReasonIn(Get(kThere, "bad")), "RATE_LIMITED");
}

TEST_F(AddressRateTest, RequestsThatCannotBeParsedCount) {
  for (int i = 0; i < 5; ++i) {
    Call call = NewCall(kThere, "");
    world_.dispatch.Refuse(MethodOf("pinhole.v1.PhotoService.GetPhoto"), call,
                           absl::InvalidArgumentError("not a message"));
  }

  EXPECT_EQ(ReasonIn(Get(kThere)), "RATE_LIMITED");
}

TEST_F(AddressRateTest, HealthIsAlwaysAnswered) {
  GetAll(10, kThere);

  EXPECT_EQ(CheckHealth(kThere).code(), 0);
}

class UserRateTest : public LimitsTest {
 protected:
  UserRateTest() : LimitsTest({.rates = {.per_user = 0.5}}) {}
};

TEST_F(UserRateTest, AUserIsLimitedAtAllAddresses) {
  EXPECT_EQ(GetAll(3, kThere, "good"), 3);
  EXPECT_EQ(GetAll(10, kElsewhere, "good"), 2);
  EXPECT_THAT(Get(kThere, "good").message(), HasSubstr("your account"));
}

TEST_F(UserRateTest, CallersWhoAreNotSignedInShareNoUserLimit) {
  EXPECT_EQ(GetAll(100, kThere), 100);
}

TEST_F(UserRateTest, LoopbackIsNotLimited) {
  EXPECT_EQ(GetAll(100, kHere, "good"), 100);
}

class ManyCallsTest : public LimitsTest {
 protected:
  ManyCallsTest() : LimitsTest({.max_calls = 1}) {}
};

TEST_F(ManyCallsTest, BeyondTheMaximumCallsAreRefusedButHealthIsAnswered) {
  google::rpc::Status inner;
  google::rpc::Status health;
  world_.get_photo = [&](Call& call, const v1::GetPhotoRequest& request) {
    // Another call while this one is in progress.
    testing::TestLoop other;
    v1::DeletePhotoRequest remove;
    google::protobuf::Empty empty;
    Call second = NewCall(kHere, "good");
    inner = other.Run(
        world_.dispatch.Unary(MethodOf("pinhole.v1.PhotoService.DeletePhoto"),
                              second, remove, &empty));
    health = CheckHealth(kHere);
    return FrontWorld::EchoName(call, request);
  };

  EXPECT_EQ(Get(kHere).code(), 0);
  EXPECT_EQ(ReasonIn(inner), "TOO_MANY_CALLS");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(inner).retry_delay().seconds(), 1);
  EXPECT_EQ(health.code(), 0);
  EXPECT_EQ(GetAll(3, kHere), 0 + 3);  // The calls were released.
}

TEST_F(LimitsTest, AddressHasItsShareOfCallsWhoseSessionIsBeingLookedUp) {
  std::unique_ptr<Dispatch> dispatch;
  const auto get = [&] {
    testing::TestLoop loop;
    v1::Photo photo;
    Call call = NewCall(kThere, "good");
    return loop.Run(
        dispatch->Unary(MethodOf("pinhole.v1.PhotoService.GetPhoto"), call,
                        v1::GetPhotoRequest(), &photo));
  };
  bool first = true;
  google::rpc::Status second;
  const auto sign_in = [&](std::string_view token) {
    if (std::exchange(first, false)) second = get();
    return FrontWorld::SignIn(token);
  };
  dispatch = std::make_unique<Dispatch>(
      world_.registry, sign_in, world_.observer,
      Dispatch::Options{.concurrency = {.per_address = 1}});

  EXPECT_EQ(get().code(), 0);
  EXPECT_EQ(ReasonIn(second), "CONCURRENCY_LIMITED");
  EXPECT_EQ(get().code(), 0);  // The slot was released.
}

class NoWatchTest : public LimitsTest {
 protected:
  NoWatchTest() : LimitsTest({.concurrency = {.user_watches = 0}}) {}
};

TEST_F(NoWatchTest, AWatchNeedsASlotAndADownloadDoesNot) {
  NoWriter writer;
  const auto ask = [&](const std::string& method,
                       const google::protobuf::Message& request) {
    Call call = NewCall(kHere, "good");
    return loop_.Run(world_.dispatch.ServerStreaming(MethodOf(method), call,
                                                     request, writer));
  };

  EXPECT_EQ(ReasonIn(ask("pinhole.v1.SocialService.WatchFeed",
                         v1::WatchFeedRequest())),
            "TOO_MANY_WATCHES");
  EXPECT_EQ(
      ask("pinhole.v1.PhotoService.DownloadPhoto", v1::DownloadPhotoRequest())
          .code(),
      0);
}

}  // namespace
}  // namespace pinhole::rpc
