// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/diagnostic.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "client/lab/load/caller.h"
#include "client/lab/load/http_transport.h"
#include "client/lab/observe/metrics_page.h"
#include "client/lab/run/diagnostic_metrics.h"
#include "client/lab/run/diagnostic_story.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "pinhole/client.h"
#include "pinhole/v1/admin_service.pb.h"

namespace pinhole::lab {
namespace {

using Result = Check::Result;

constexpr absl::Duration kTimeout = absl::Seconds(2);
// The longest call is a password hash on a slow machine.
constexpr absl::Duration kStoryTimeout = absl::Seconds(5);

Check Health(const client::Client& client, const std::string& service) {
  Check check{.name = service.empty() ? "health" : "health of " + service,
              .figure = {},
              .hint = {}};
  const absl::Time begin = absl::Now();
  const auto health = client.CheckHealth(service);
  if (!health.ok()) {
    check.result = Result::kFail;
    check.figure = std::string(health.status().message());
    check.hint =
        "check that pinhole-server is running there; --target names another "
        "address";
    check.unreachable = true;
  } else if (health->status() !=
             grpc::health::v1::HealthCheckResponse::SERVING) {
    check.result = Result::kFail;
    check.figure = grpc::health::v1::HealthCheckResponse::ServingStatus_Name(
        health->status());
    check.hint =
        "the server is starting, shutting down or read-only; see its log";
  } else {
    check.figure = fmt::format("serving, answered in {:.1f} ms",
                               absl::ToDoubleMilliseconds(absl::Now() - begin));
  }
  return check;
}

Check Page(const std::string& address, const std::string& path) {
  Check check{.name = path, .figure = {}, .hint = {}};
  const absl::Time begin = absl::Now();
  const auto page = HttpGet("http://" + address + path, kTimeout);
  if (page.ok()) {
    check.figure = fmt::format("200 in {:.1f} ms",
                               absl::ToDoubleMilliseconds(absl::Now() - begin));
  } else {
    check.result = Result::kFail;
    check.figure = std::string(page.status().message());
    check.hint =
        "check that the gateway is running there; --target names another "
        "address";
    check.unreachable = path == "/healthz";
  }
  return check;
}

void CheckHealth(const Target& target, std::vector<Check>& checks) {
  for (const std::string& address : target.addresses) {
    if (target.dialect == Dialect::kHttp) {
      checks.push_back(Page(address, "/healthz"));
      checks.push_back(Page(address, "/readyz"));
      continue;
    }
    const client::Client client(target.Url(address),
                                {.timeout = kTimeout, .tls = target.tls});
    for (const char* service :
         {"", "pinhole.v1.UserService", "pinhole.v1.PhotoService",
          "pinhole.v1.SocialService"}) {
      checks.push_back(Health(client, service));
      // If the server does not answer, the other checks would repeat that.
      if (checks.back().result != Result::kOk) break;
    }
  }
}

Check Version(Caller& caller) {
  Check check{.name = "version", .figure = {}, .hint = {}};
  const auto info = caller.Get<v1::ServerInfo>(ServerInfo(caller.dialect()));
  if (!info.ok()) {
    check.result = Result::kFail;
    check.figure = std::string(info.status().message());
    check.hint = "the server does not implement this API";
  } else {
    check.figure = fmt::format("server {}, this program {}", info->version(),
                               PINHOLE_VERSION);
    if (info->version() != PINHOLE_VERSION) {
      check.result = Result::kWarn;
      check.hint = "use a server and a client of the same version";
    }
  }
  return check;
}

}  // namespace

std::string NameOf(Check::Result result) {
  switch (result) {
    case Result::kOk:
      return "OK";
    case Result::kWarn:
      return "WARN";
    case Result::kFail:
      return "FAIL";
  }
  return "";
}

std::vector<Check> Diagnose(const Target& target, const std::string& metrics,
                            const std::atomic<bool>& stop) {
  std::vector<Check> checks;
  CheckHealth(target, checks);
  const bool there = std::all_of(
      checks.begin(), checks.end(),
      [](const Check& check) { return check.result == Result::kOk; });
  if (!there) return checks;
  const auto transport = Connect(target, 1);
  Caller caller(*transport, target.dialect, kStoryTimeout);
  checks.push_back(Version(caller));
  if (metrics.empty()) {
    checks.push_back({.name = "metrics",
                      .result = Result::kWarn,
                      .figure = "off",
                      .hint =
                          "without them the lab cannot name the resource that "
                          "limits the server; give their URL with --metrics"});
  }
  std::optional<MetricsPage> before;
  if (!metrics.empty()) before = CheckMetrics(target, metrics, checks);
  TellStory(caller, target.seed_command, stop, checks);
  if (before) CheckCommits(metrics, *before, checks);
  return checks;
}

std::string ChecksText(const std::vector<Check>& checks) {
  std::size_t widest = 0;
  int counts[3] = {};
  for (const Check& check : checks) {
    widest = std::max(widest, check.name.size());
    ++counts[static_cast<int>(check.result)];
  }
  std::string text;
  for (const Check& check : checks) {
    text += fmt::format("{:<4}  {:<{}}  {}\n", NameOf(check.result), check.name,
                        widest, check.figure);
    if (!check.hint.empty()) {
      text += fmt::format("{:6}{:{}}  -> {}\n", "", "", widest, check.hint);
    }
  }
  return text + fmt::format("{} OK, {} WARN, {} FAIL\n", counts[0], counts[1],
                            counts[2]);
}

std::string ChecksJson(const std::vector<Check>& checks) {
  google::protobuf::Struct root;
  auto& list = *(*root.mutable_fields())["checks"].mutable_list_value();
  for (const Check& check : checks) {
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["name"].set_string_value(check.name);
    fields["result"].set_string_value(NameOf(check.result));
    fields["figure"].set_string_value(check.figure);
    fields["hint"].set_string_value(check.hint);
  }
  std::string json;
  // A Struct can always be written.
  (void)google::protobuf::util::MessageToJsonString(root, &json).ok();
  return json + "\n";
}

}  // namespace pinhole::lab
