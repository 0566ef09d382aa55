// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/instance.h"

#include <utility>

#include "client/lab/load/caller.h"
#include "client/lab/load/calls.h"
#include "fmt/format.h"
#include "pinhole/v1/admin_service.pb.h"

namespace pinhole::lab {
namespace {

// A gateway that takes its servers in turn reaches each of this many.
constexpr int kCallsForEachAddress = 8;
constexpr absl::Duration kTimeout = absl::Seconds(5);

// The identifier in a page; empty if the server does not report one.
std::string InstanceOf(const MetricsPage& page) {
  for (const MetricsPage::Sample& sample : page.Of("pinhole_instance_info")) {
    const auto id = sample.labels.find("instance_id");
    if (id != sample.labels.end()) return id->second;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::set<std::string>> InstancesBehind(
    const Target& target, const std::string& expected) {
  std::set<std::string> instances;
  for (const std::string& address : target.addresses) {
    Target one = target;
    one.addresses = {address};
    const auto transport = Connect(one, 1);
    Caller caller(*transport, one.dialect, kTimeout);
    for (int i = 0; i < kCallsForEachAddress; ++i) {
      const auto info = caller.Get<v1::ServerInfo>(ServerInfo(one.dialect));
      if (absl::IsUnavailable(info.status()) ||
          absl::IsDeadlineExceeded(info.status())) {
        return info.status();
      }
      if (!info.ok() || info->instance_id().empty()) break;
      instances.insert(info->instance_id());
      if (info->instance_id() == expected) break;
    }
  }
  return instances;
}

absl::StatusOr<std::string> CompareInstances(
    const std::set<std::string>& instances, const MetricsPage& page,
    const Target& target, const std::string& metrics_url) {
  const std::string measured = InstanceOf(page);
  if (measured.empty() || instances.empty()) {
    return fmt::format(
        "cannot check that the metrics at {} are those of the server at {}: "
        "{} does not report an instance identifier",
        metrics_url, target.Text(),
        measured.empty() ? "the page" : "the server");
  }
  if (instances.contains(measured)) return "";
  return absl::InvalidArgumentError(fmt::format(
      "the metrics at {0} are not those of the server at {1}: the metrics are "
      "of instance {2}, the server that answers is instance {3}; give the "
      "address of its metrics with --metrics URL, or --metrics off to measure "
      "without them{4}",
      metrics_url, target.Text(), measured, fmt::join(instances, ", "),
      target.dialect == Dialect::kHttp || instances.size() > 1
          ? "; if the target is a gateway with several servers behind it, give "
            "the metrics of one of these servers"
          : ""));
}

absl::StatusOr<std::string> CheckInstance(const Target& target,
                                          const MetricsPage& page,
                                          const std::string& metrics_url) {
  auto instances = InstancesBehind(target, InstanceOf(page));
  if (!instances.ok()) return instances.status();
  return CompareInstances(*instances, page, target, metrics_url);
}

}  // namespace pinhole::lab
