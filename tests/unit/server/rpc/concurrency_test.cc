// SPDX-License-Identifier: Apache-2.0

// Limits on concurrent calls, on the pace of uploads, and on new accounts.

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/account_creation_limit.h"
#include "server/rpc/concurrency_limits.h"
#include "server/rpc/paced_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_loop.h"
#include "tests/unit/server/rpc/grpc_server_fixture.h"

namespace pinhole::rpc {
namespace {

using ::testing::HasSubstr;

constexpr ClientAddress kHere = {.local = true};
constexpr ClientAddress kThere = {.network = 1};
constexpr ClientAddress kElsewhere = {.network = 2};

class ConcurrencyLimitsTest : public ::testing::Test {
 protected:
  struct Taken {
    std::unique_ptr<Call> call;  // Owns its slots.
    absl::Status status;
  };

  Taken Take(const std::string& method, const ClientAddress& client,
             UserId user = {}) {
    Taken taken = {std::make_unique<Call>(), absl::OkStatus()};
    taken.call->client = client;
    taken.call->caller.user = user;
    const Method& called = *world_.registry.Find(method);
    taken.status = shares_.TakeForAddress(called, *taken.call);
    if (taken.status.ok() && IsOurs(called)) {
      taken.status = shares_.TakeForUser(called, *taken.call);
    }
    return taken;
  }
  Taken Get(const ClientAddress& client, UserId user = {}) {
    return Take("pinhole.v1.PhotoService.GetPhoto", client, user);
  }
  Taken WatchFeed(UserId user) {
    return Take("pinhole.v1.SocialService.WatchFeed", kHere, user);
  }
  Taken WatchHealth(const ClientAddress& client) {
    return Take("grpc.health.v1.Health.Watch", client);
  }

  FrontWorld world_;
  ConcurrencyLimits shares_{{.per_user = 1,
                             .per_address = 2,
                             .user_watches = 1,
                             .address_health_watches = 1,
                             .health_watches = 2}};
};

TEST_F(ConcurrencyLimitsTest, AddressHasItsShare) {
  const Taken first = Get(kThere);
  Taken second = Get(kThere);
  ASSERT_THAT(first.status, testing::IsOk());
  ASSERT_THAT(second.status, testing::IsOk());

  const absl::Status third = Get(kThere).status;
  EXPECT_THAT(third, testing::StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(third), Reason::kConcurrencyLimited);
  EXPECT_EQ(RetryDelayOf(third), absl::Seconds(1));
  EXPECT_THAT(std::string(third.message()),
              HasSubstr("your address has 2 calls in progress"));
  EXPECT_THAT(Get(kElsewhere).status, testing::IsOk());

  second.call.reset();
  EXPECT_THAT(Get(kThere).status, testing::IsOk());
}

TEST_F(ConcurrencyLimitsTest, UserHasAShareAcrossAddresses) {
  const Taken first = Get(kThere, {7});

  const absl::Status second = Get(kElsewhere, {7}).status;
  EXPECT_EQ(ReasonOf(second), Reason::kConcurrencyLimited);
  EXPECT_THAT(std::string(second.message()),
              HasSubstr("your account has 1 calls in progress"));
  EXPECT_THAT(Get(kElsewhere, {8}).status, testing::IsOk());
}

TEST_F(ConcurrencyLimitsTest, LoopbackCallersAreNotLimited) {
  const Taken first = Get(kHere, {7});
  const Taken second = Get(kHere, {7});

  EXPECT_THAT(Get(kHere, {7}).status, testing::IsOk());
}

TEST_F(ConcurrencyLimitsTest, WatchesOfAUserAreLimited) {
  Taken first = WatchFeed({7});

  const absl::Status second = WatchFeed({7}).status;
  EXPECT_EQ(ReasonOf(second), Reason::kTooManyWatches);
  EXPECT_THAT(std::string(second.message()),
              HasSubstr("1 watches are open with your account"));
  EXPECT_THAT(WatchFeed({8}).status, testing::IsOk());

  first.call.reset();
  EXPECT_THAT(WatchFeed({7}).status, testing::IsOk());
}

TEST_F(ConcurrencyLimitsTest, HealthWatchesOfAnAddressAreLimited) {
  const Taken first = WatchHealth(kThere);

  EXPECT_EQ(ReasonOf(WatchHealth(kThere).status), Reason::kTooManyWatches);
  EXPECT_THAT(WatchHealth(kElsewhere).status, testing::IsOk());
}

TEST_F(ConcurrencyLimitsTest, HealthWatchesAreLimitedInTotal) {
  const Taken first = WatchHealth(kHere);
  const Taken second = WatchHealth(kHere);

  EXPECT_EQ(ReasonOf(WatchHealth(kHere).status), Reason::kTooManyWatches);
}

TEST_F(ConcurrencyLimitsTest, HealthChecksAreAnswered) {
  const Taken first = Get(kThere);
  const Taken second = Get(kThere);

  EXPECT_THAT(Take("grpc.health.v1.Health.Check", kThere).status,
              testing::IsOk());
}

// Returns the given messages, each after a delay.
class SlowReader final : public MessageReader {
 public:
  explicit SlowReader(Call& call) : call_(call) {}

  Task<absl::StatusOr<bool>> Read(google::protobuf::Message* message) override {
    due.push_back(call_.message_due - absl::Now());
    co_await pinhole::SleepFor(delay);
    if (absl::Now() >= call_.message_due) {
      co_return absl::CancelledError("stopped");
    }
    dynamic_cast<v1::UploadPhotoRequest*>(message)->set_chunk(
        std::string(chunk_bytes, 'x'));
    co_return true;
  }

  absl::Duration delay;
  std::size_t chunk_bytes = 0;
  std::vector<absl::Duration> due;

 private:
  Call& call_;
};

class PaceTest : public ::testing::Test {
 protected:
  absl::StatusOr<bool> Read() {
    v1::UploadPhotoRequest message;
    return loop_.Run(reader_.Read(&message));
  }

  testing::TestLoop loop_;
  Call call_;
  SlowReader sender_{call_};
  BodyTimeout::Options pace_ = {.first = absl::Milliseconds(20),
                                .pause = absl::Hours(1),
                                .bytes_per_second = 1000};
  PacedReader reader_{sender_, call_, pace_};
};

TEST_F(PaceTest, FirstMessageMustArriveSoon) {
  sender_.delay = absl::Milliseconds(30);

  const absl::Status status = Read().status();
  EXPECT_THAT(status, testing::StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(status), Reason::kUploadTooSlow);
  EXPECT_THAT(std::string(status.message()), HasSubstr("start within 20ms"));
  EXPECT_EQ(call_.message_due, absl::InfiniteFuture());
}

TEST_F(PaceTest, BytesEarnTime) {
  ASSERT_TRUE(Read().ok());
  sender_.delay = absl::Milliseconds(30);
  ASSERT_TRUE(Read().ok());  // Takes 30 ms and earns the time of a few bytes.
  sender_.delay = absl::ZeroDuration();
  ASSERT_TRUE(Read().ok());
  sender_.chunk_bytes = 10'000;
  ASSERT_TRUE(Read().ok());
  ASSERT_TRUE(Read().ok());

  EXPECT_LE(sender_.due[0], pace_.first);
  EXPECT_GT(sender_.due[1], absl::Minutes(59));
  EXPECT_LE(sender_.due[2], pace_.pause - absl::Milliseconds(20));
  EXPECT_GT(sender_.due[4], sender_.due[3] - absl::Seconds(1));
  EXPECT_LE(sender_.due[4], pace_.pause);
}

class SlowUploadTest : public GrpcServerTest {
 protected:
  SlowUploadTest()
      : GrpcServerTest({.listen = {"127.0.0.1:0"}, .loops = 1},
                       {.pace = {.first = absl::Milliseconds(50),
                                 .pause = absl::Milliseconds(100)}}) {}
};

TEST_F(SlowUploadTest, UploadThatNeverBeginsIsEnded) {
  const auto writer = photos_->UploadPhoto(&context_, &photo_);

  const grpc::Status status = writer->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("start within 50ms"));
}

TEST_F(SlowUploadTest, UploadThatStopsIsEnded) {
  const auto writer = photos_->UploadPhoto(&context_, &photo_);
  v1::UploadPhotoRequest request;
  request.set_chunk("x");
  ASSERT_TRUE(writer->Write(request));

  const grpc::Status status = writer->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(),
              HasSubstr("at least 1024 bytes a second, with no pause longer"));
}

TEST(AccountCreationLimitTest, AccountsOfAnAddressAreLimitedPerHour) {
  AccountCreationLimit accounts(2);
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  ASSERT_THAT(accounts.Take(kThere, now), testing::IsOk());
  ASSERT_THAT(accounts.Take(kThere, now), testing::IsOk());

  const absl::Status third = accounts.Take(kThere, now + absl::Minutes(10));
  EXPECT_THAT(third, testing::StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(third), Reason::kTooManyAccounts);
  EXPECT_EQ(RetryDelayOf(third), absl::Minutes(20));
  EXPECT_THAT(accounts.Take(kElsewhere, now), testing::IsOk());
  EXPECT_THAT(accounts.Take(kThere, now + absl::Minutes(30)), testing::IsOk());
}

TEST(AccountCreationLimitTest, AttemptThatFailedDoesNotCount) {
  AccountCreationLimit accounts(1);
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  ASSERT_THAT(accounts.Take(kThere, now), testing::IsOk());

  accounts.GiveBack(kThere);

  EXPECT_THAT(accounts.Take(kThere, now), testing::IsOk());
}

TEST(AccountCreationLimitTest, LoopbackCallersAreNotLimited) {
  AccountCreationLimit accounts(1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(accounts.Take(kHere, absl::Now()), testing::IsOk());
  }
}

TEST(AccountCreationLimitTest, ZeroMeansNoLimit) {
  AccountCreationLimit accounts(0);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(accounts.Take(kThere, absl::Now()), testing::IsOk());
  }
}

}  // namespace
}  // namespace pinhole::rpc
