// SPDX-License-Identifier: Apache-2.0

// The phases of real calls, with a real store and real files.

#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "server/metrics/rpc_metrics.h"
#include "tests/unit/server/rpc/services_fixture.h"

namespace pinhole::metrics {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Gt;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class WhereTimeGoesTest : public rpc::ServicesTest {
 protected:
  // Seconds by part, those above 0.
  using PartSeconds = std::map<std::string, double>;

  WhereTimeGoesTest() {
    observer_.to = &metrics_;
    ansel_ = SignUp("ansel");
    photo_ = UploadJpeg(ansel_).name();
  }

  static std::string LabelOf(const prometheus::ClientMetric& metric,
                             const std::string& name) {
    for (const auto& label : metric.label) {
      if (label.name == name) return label.value;
    }
    return "";
  }

  // By method.
  std::map<std::string, PartSeconds> Parts() const {
    std::map<std::string, PartSeconds> parts;
    for (const auto& family : numbers_.Collect()) {
      if (family.name != "pinhole_rpc_part_seconds_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.counter.value == 0) continue;
        parts[LabelOf(metric, "grpc_method")][LabelOf(metric, "part")] =
            metric.counter.value;
      }
    }
    return parts;
  }
  PartSeconds PartsOf(const std::string& method) const {
    return Parts()[method];
  }

  // Seconds in all, by method.
  std::map<std::string, double> Totals() const {
    std::map<std::string, double> totals;
    for (const auto& family : numbers_.Collect()) {
      if (family.name != "grpc_server_handling_seconds") continue;
      for (const auto& metric : family.metric) {
        if (metric.histogram.sample_count == 0) continue;
        totals[LabelOf(metric, "grpc_method")] = metric.histogram.sample_sum;
      }
    }
    return totals;
  }

  std::string Photo() const { return "name: \"" + photo_ + "\""; }

  prometheus::Registry numbers_;
  RpcMetrics metrics_{registry_, numbers_};
  std::string ansel_;
  std::string photo_;
};

TEST_F(WhereTimeGoesTest, PartsAddUpToTheHandlingTime) {
  AskText("SocialService.LikePhoto", Photo(), ansel_);
  AskText("SocialService.GetFeed", "", ansel_);
  AskText("PhotoService.GetPhoto", "name: \"photos/none\"");

  std::map<std::string, double> sums;
  for (const auto& [method, parts] : Parts()) {
    for (const auto& [part, seconds] : parts) sums[method] += seconds;
  }

  const std::map<std::string, double> totals = Totals();
  EXPECT_GE(totals.size(), 6u);
  EXPECT_EQ(sums.size(), totals.size());
  for (const auto& [method, total] : totals) {
    EXPECT_NEAR(sums[method], total, 1e-9) << method;
  }
}

TEST_F(WhereTimeGoesTest, ALoginIsHashing) {
  const PartSeconds login = PartsOf("CreateSession");

  EXPECT_THAT(login, UnorderedElementsAre(
                         Key("admission"), Key("query"), Key("hash_wait"),
                         Key("hash"), Key("write_wait"), Key("write"),
                         Key("commit"), Key("fsync"), Key("rest")));
  // The session's own row, among milliseconds of hashing.
  EXPECT_GT(login.at("hash"), login.at("write_wait"));
}

TEST_F(WhereTimeGoesTest, ALikeIsAWrite) {
  AskText("SocialService.LikePhoto", Photo(), ansel_);

  EXPECT_THAT(PartsOf("LikePhoto"),
              UnorderedElementsAre(Key("admission"), Key("write_wait"),
                                   Pair("write", Gt(0.00001)), Key("commit"),
                                   Pair("fsync", Gt(0)), Key("rest")));
}

TEST_F(WhereTimeGoesTest, AFeedIsAQuery) {
  AskText("SocialService.GetFeed", "", ansel_);

  EXPECT_THAT(
      PartsOf("GetFeed"),
      UnorderedElementsAre(Key("admission"), Key("query"), Key("rest")));
}

TEST_F(WhereTimeGoesTest, AnUploadIsMostlyItsPictures) {
  const PartSeconds upload = PartsOf("UploadPhoto");

  EXPECT_THAT(upload, AllOf(Contains(Key("media")), Contains(Key("write"))));
  EXPECT_GT(upload.at("media"), upload.at("write_wait"));
}

TEST_F(WhereTimeGoesTest, RefusedCallTakesOnlyAdmissionTime) {
  AskText("SocialService.LikePhoto", Photo(), "no such token");

  EXPECT_THAT(PartsOf("LikePhoto"), Not(Contains(Key("write"))));
  EXPECT_THAT(PartsOf("LikePhoto"), Contains(Key("admission")));
}

}  // namespace
}  // namespace pinhole::metrics
