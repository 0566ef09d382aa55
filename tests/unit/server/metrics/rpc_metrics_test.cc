// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/rpc_metrics.h"

#include <string>

#include "base/errors.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "prometheus/text_serializer.h"

namespace pinhole::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RpcMetricsTest : public ::testing::Test {
 protected:
  RpcMetricsTest() {
    methods_.Unary<v1::GetPhotoRequest, v1::Photo>(
        "pinhole.v1.PhotoService.GetPhoto",
        [](rpc::Call&, const v1::GetPhotoRequest&)
            -> Task<absl::StatusOr<v1::Photo>> { co_return v1::Photo(); });
    methods_
        .ServerStreaming<v1::DownloadPhotoRequest, v1::DownloadPhotoResponse>(
            "pinhole.v1.PhotoService.DownloadPhoto",
            [](rpc::Call&, const v1::DownloadPhotoRequest&, rpc::MessageWriter&)
                -> Task<absl::Status> { co_return absl::OkStatus(); });
  }

  const rpc::Method& GetPhoto() const {
    return *methods_.Find("pinhole.v1.PhotoService.GetPhoto");
  }
  // Reports a call that took `took`, all of it in one phase.
  void Handle(RpcMetrics& metrics, const absl::Status& status,
              absl::Duration took, CallPhase part = CallPhase::kRest) {
    rpc::Call call;
    const auto begin = CallTiming::Clock::now();
    call.parts.Begin(part);
    call.parts.Enter(part, begin + absl::ToChronoNanoseconds(took));
    metrics.Started(GetPhoto());
    metrics.Handled(GetPhoto(), call, status, took);
  }
  std::string Page() const {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

  rpc::Registry methods_;
  prometheus::Registry registry_;
};

constexpr char kGetPhoto[] =
    R"(grpc_method="GetPhoto",grpc_service="pinhole.v1.PhotoService",grpc_type="unary")";

TEST_F(RpcMetricsTest, EveryMethodHasASeriesBeforeItsFirstCall) {
  const RpcMetrics metrics(methods_, registry_);

  const std::string page = Page();

  EXPECT_THAT(page, HasSubstr(std::string("grpc_server_started_total{") +
                              kGetPhoto + "} 0"));
  EXPECT_THAT(
      page,
      HasSubstr(std::string("grpc_server_handled_total{grpc_code=\"OK\",") +
                kGetPhoto + "} 0"));
  EXPECT_THAT(page, HasSubstr("grpc_type=\"server_stream\""));
}

TEST_F(RpcMetricsTest, CallsInProgressAreCountedByService) {
  RpcMetrics metrics(methods_, registry_);
  metrics.Started(GetPhoto());
  Handle(metrics, absl::OkStatus(), absl::Milliseconds(1));

  EXPECT_THAT(
      Page(),
      HasSubstr(
          R"(pinhole_rpc_in_flight{grpc_service="pinhole.v1.PhotoService"} 1)"));
}

TEST_F(RpcMetricsTest, CallsAreCountedByCode) {
  RpcMetrics metrics(methods_, registry_);
  Handle(metrics, absl::NotFoundError("none"), absl::Milliseconds(3));
  Handle(metrics, absl::NotFoundError("none"), absl::Milliseconds(200));

  const std::string page = Page();

  EXPECT_THAT(page, HasSubstr(std::string("grpc_server_started_total{") +
                              kGetPhoto + "} 2"));
  EXPECT_THAT(
      page, HasSubstr(std::string(
                          "grpc_server_handled_total{grpc_code=\"NotFound\",") +
                      kGetPhoto + "} 2"));
  EXPECT_THAT(page,
              HasSubstr(std::string("grpc_server_handling_seconds_bucket{") +
                        kGetPhoto + ",le=\"0.005\"} 1"));
  EXPECT_THAT(page,
              HasSubstr(std::string("grpc_server_handling_seconds_count{") +
                        kGetPhoto + "} 2"));
}

TEST_F(RpcMetricsTest, EveryPartHasASeriesFromTheStart) {
  const RpcMetrics metrics(methods_, registry_);

  for (const char* part :
       {"admission", "hash_wait", "hash", "write_wait", "write", "commit",
        "fsync", "query", "media", "rest"}) {
    EXPECT_THAT(Page(),
                HasSubstr(fmt::format(
                    "pinhole_rpc_part_seconds_total{{grpc_method=\"GetPhoto\","
                    "grpc_service=\"pinhole.v1.PhotoService\",part=\"{}\"}} 0",
                    part)));
  }
}

TEST_F(RpcMetricsTest, RefusedCallsAreCountedByReason) {
  RpcMetrics metrics(methods_, registry_);
  const auto in_a_moment = [](absl::Status status) {
    return WithRetryDelay(std::move(status), absl::Seconds(1));
  };
  Handle(metrics, in_a_moment(absl::ResourceExhaustedError("queue")), {});
  Handle(metrics, absl::DeadlineExceededError("late"), {});
  Handle(metrics, absl::NotFoundError("none"), {});
  Handle(metrics, in_a_moment(MakeError(Reason::kDiskFull, "disk")), {});

  const std::string page = Page();

  constexpr char kRejected[] = "pinhole_rpc_rejected_total{reason=";
  EXPECT_THAT(page, HasSubstr(std::string(kRejected) + "\"limit\"} 1\n"));
}

TEST_F(RpcMetricsTest, CallersAboveTheirShareAreNotOverload) {
  RpcMetrics metrics(methods_, registry_);
  for (const Reason reason :
       {Reason::kRateLimited, Reason::kLoginThrottled, Reason::kTooManyUploads,
        Reason::kConcurrencyLimited, Reason::kTooManyAccounts}) {
    Handle(metrics, WithRetryDelay(MakeError(reason, "no"), absl::Seconds(1)),
           {});
  }

  const std::string page = Page();

  constexpr char kRejected[] = "pinhole_rpc_rejected_total{reason=";
  for (const char* reason :
       {"rate", "login", "uploads", "concurrency", "accounts"}) {
    EXPECT_THAT(page,
                HasSubstr(fmt::format("{}\"{}\"}} 1\n", kRejected, reason)));
  }
}

TEST_F(RpcMetricsTest, EveryReasonHasASeriesFromTheStart) {
  RpcMetrics metrics(methods_, registry_);
  metrics.SetConcurrencyLimit(100);

  const std::string page = Page();

  for (const char* reason : {"accounts", "concurrency", "limit", "login",
                             "rate", "uploads", "watches"}) {
    EXPECT_THAT(
        page, HasSubstr(fmt::format(
                  "pinhole_rpc_rejected_total{{reason=\"{}\"}} 0\n", reason)));
  }
  EXPECT_THAT(page, HasSubstr("pinhole_rpc_concurrency_limit 100\n"));
}

TEST_F(RpcMetricsTest, CodesAppearWithTheirFirstAnswer) {
  const RpcMetrics metrics(methods_, registry_);

  EXPECT_THAT(Page(), Not(HasSubstr("Unavailable")));
}

}  // namespace
}  // namespace pinhole::metrics
