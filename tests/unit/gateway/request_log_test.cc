// SPDX-License-Identifier: Apache-2.0

#include "gateway/request_log.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_pipe.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RequestLogTest : public ::testing::Test {
 protected:
  static AccessRecord Request(std::string_view route, int code) {
    return {.method = "GET",
            .route = route,
            .code = code,
            .took = absl::Milliseconds(20),
            .received_bytes = 111,
            .sent_bytes = 2022,
            .request_id = "r-1",
            .peer = "ipv4:10.0.0.1:5",
            .traceparent =
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  }
  std::string LineOf(const AccessRecord& request) {
    RequestLog(log_.sink(), absl::Milliseconds(500), refusals_).Log(request);
    return log_.Read();
  }

  LogPipe log_;
  RefusalSummary refusals_{log_.sink()};
};

TEST_F(RequestLogTest, LineTellsWhoAskedWhatAndHowItWent) {
  EXPECT_THAT(
      LineOf(Request("/v1/{name=photos/*}", 404)),
      HasSubstr(" info request method=GET route=\"/v1/{name=photos/*}\" "
                "code=404 duration_ms=20.000 request_id=r-1 "
                "trace_id=0af7651916cd43dd8448eb211c80319c "
                "parent_id=b7ad6b7169203331 peer=ipv4:10.0.0.1:5 "
                "received_bytes=111 sent_bytes=2022\n"));
}

TEST_F(RequestLogTest, LevelTellsWhoseFaultItIs) {
  for (const auto& [route, code, level] :
       {std::tuple{"/v1/photos", 200, " info "},
        {"/v1/photos", 499, " info "},
        {"/v1/photos", 500, " error "},
        {"/v1/photos", 503, " warning "},
        {"/readyz", 200, " debug "},
        {"/readyz", 503, " warning "},
        {"/metrics", 200, " debug "}}) {
    EXPECT_THAT(LineOf(Request(route, code)), HasSubstr(level));
  }
}

TEST_F(RequestLogTest, SlowOneIsAWarningUnlessItsClientMadeItLast) {
  AccessRecord request = Request("/v1/photos", 200);
  request.took = absl::Seconds(1);
  EXPECT_THAT(LineOf(request), HasSubstr(" warning slow request "));

  request.streamed = true;
  EXPECT_THAT(LineOf(request), HasSubstr(" info request "));
}

TEST_F(RequestLogTest, OnlyRefusedOnesAreSummarised) {
  RequestLog log(log_.sink(), absl::Milliseconds(500), refusals_);
  for (int i = 0; i < 20; ++i) {
    for (const int code : {200, 404, 499, 500})
      log.Log(Request("_other", code));
  }

  const std::string lines = log_.Read();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 20 + 10 + 20 + 20);

  refusals_.EndMinute();
  EXPECT_THAT(log_.Read(), HasSubstr(" requests=10 codes=\"10 404\"\n"));
}

TEST_F(RequestLogTest, NoTraceIsNoField) {
  AccessRecord request = Request("/v1/photos", 200);
  request.traceparent = "";
  EXPECT_THAT(LineOf(request), Not(HasSubstr("trace_id")));
}

}  // namespace
}  // namespace pinhole::gateway
