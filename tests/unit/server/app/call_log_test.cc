// SPDX-License-Identifier: Apache-2.0

#include "server/app/call_log.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_pipe.h"
#include "tests/unit/server/rpc/front_world.h"

namespace pinhole::app {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class CallLogTest : public ::testing::Test {
 protected:
  CallLogTest() {
    call_.request_id = "r-1";
    call_.peer = "ipv4:10.0.0.1:5";
  }

  std::string LineOf(const std::string& method, const absl::Status& status,
                     absl::Duration took = absl::Milliseconds(20)) {
    CallLog(log_.sink(), absl::Milliseconds(500), refusals_)
        .Log(*world_.registry.Find(method), call_, status, took);
    return log_.Read();
  }
  std::string LineOf(const absl::Status& status,
                     absl::Duration took = absl::Milliseconds(20)) {
    return LineOf("pinhole.v1.PhotoService.GetPhoto", status, took);
  }
  // Spends time in a phase, on the manual clock.
  void Spend(CallPhase part, absl::Duration time) {
    if (now_ == CallTiming::Clock::time_point()) {
      call_.parts.Begin(CallPhase::kAdmission);
      now_ = CallTiming::Clock::now();
    }
    call_.parts.Enter(part, now_);
    now_ += absl::ToChronoNanoseconds(time);
    call_.parts.Enter(CallPhase::kRest, now_);
  }

  LogPipe log_;
  RefusalSummary refusals_{log_.sink()};
  rpc::FrontWorld world_;
  rpc::Call call_;
  CallTiming::Clock::time_point now_ = {};
};

TEST_F(CallLogTest, LineNamesCallerMethodAndResult) {
  call_.caller.handle = "ansel";
  call_.metadata.emplace_back(
      "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

  EXPECT_THAT(
      LineOf(absl::NotFoundError("no such photo")),
      EndsWith(" info call method=pinhole.v1.PhotoService.GetPhoto "
               "code=NOT_FOUND duration_ms=20.000 request_id=r-1 "
               "trace_id=0af7651916cd43dd8448eb211c80319c "
               "parent_id=b7ad6b7169203331 user=ansel peer=ipv4:10.0.0.1:5\n"));
}

TEST_F(CallLogTest, LineHasTheClientNamedByAProxy) {
  call_.metadata.emplace_back("x-forwarded-for", "10.0.0.1");
  EXPECT_THAT(LineOf(absl::OkStatus()), Not(HasSubstr("forwarded_for")));

  call_.metadata.front().second = "203.0.113.9, 10.0.0.1";
  EXPECT_THAT(LineOf(absl::OkStatus()),
              HasSubstr(" forwarded_for=\"203.0.113.9, 10.0.0.1\""));
}

TEST_F(CallLogTest, LineHasTheTimeOfEachPart) {
  Spend(CallPhase::kQuery, absl::Microseconds(1500));
  Spend(CallPhase::kWrite, absl::Milliseconds(7));

  EXPECT_THAT(LineOf(absl::OkStatus()),
              AllOf(HasSubstr(" query_ms=1.500"), HasSubstr(" write_ms=7.000"),
                    Not(HasSubstr("hash_ms"))));
}

TEST_F(CallLogTest, FaultOfTheServerIsAnErrorWithItsText) {
  EXPECT_THAT(LineOf(absl::InternalError("the full\ntext")),
              AllOf(HasSubstr(" error call "),
                    EndsWith(" error=\"the full\\u000atext\"\n")));
}

TEST_F(CallLogTest, SlowCallIsAWarning) {
  EXPECT_THAT(LineOf(absl::OkStatus(), absl::Milliseconds(499)),
              HasSubstr(" info call "));
  EXPECT_THAT(LineOf(absl::OkStatus(), absl::Milliseconds(500)),
              HasSubstr(" warning slow call "));
}

TEST_F(CallLogTest, TimeThatAStreamWaitsForItsClientIsNotSlow) {
  const std::string watch = "pinhole.v1.SocialService.WatchFeed";
  Spend(CallPhase::kQuery, absl::Milliseconds(20));
  Spend(CallPhase::kRest, absl::Hours(2));

  EXPECT_THAT(LineOf(watch, absl::OkStatus(), call_.parts.total()),
              Not(HasSubstr("slow")));

  Spend(CallPhase::kQuery, absl::Seconds(1));
  EXPECT_THAT(LineOf(watch, absl::OkStatus(), call_.parts.total()),
              Not(HasSubstr("info")));
}

TEST_F(CallLogTest, RefusedCallsOfOneAddressAreSummarised) {
  const std::string method = "pinhole.v1.PhotoService.GetPhoto";
  const CallLog log(log_.sink(), absl::Milliseconds(500), refusals_);
  const auto refuse = [&](const absl::Status& status) {
    log.Log(*world_.registry.Find(method), call_, status, absl::ZeroDuration());
  };
  for (int i = 0; i < 11; ++i) refuse(absl::ResourceExhaustedError("often"));
  refuse(absl::UnauthenticatedError("no token"));
  refuse(absl::NotFoundError("no such photo"));
  refuse(absl::InvalidArgumentError("what it asks for is wrong: not refused"));

  const std::string lines = log_.Read();
  EXPECT_THAT(lines, HasSubstr("code=INVALID_ARGUMENT"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 11);

  refusals_.EndMinute();
  EXPECT_THAT(log_.Read(),
              EndsWith(" address=unknown requests=3 "
                       "codes=\"1 NOT_FOUND, 1 RESOURCE_EXHAUSTED, "
                       "1 UNAUTHENTICATED\"\n"));
}

TEST_F(CallLogTest, HealthChecksAreLoggedAtDebugLevel) {
  EXPECT_THAT(LineOf("grpc.health.v1.Health.Check", absl::OkStatus()),
              HasSubstr(" debug call "));
}

}  // namespace
}  // namespace pinhole::app
