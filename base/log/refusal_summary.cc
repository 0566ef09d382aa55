// SPDX-License-Identifier: Apache-2.0

#include "base/log/refusal_summary.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log/log_level.h"
#include "base/log/log_line.h"
#include "base/net/ip_address.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

constexpr auto kLevel = LogLevel::kInfo;  // The level of the omitted lines.
constexpr char kOthers[] = "others";

std::string NameOf(const ClientAddress& client) {
  if (!client.address || IsIpv4(*client.address)) return client.Text();
  IpAddress network = *client.address;
  std::fill(network.begin() + 8, network.end(), 0);
  return FormatIpAddress(network) + "/64";
}

}  // namespace

RefusalSummary::RefusalSummary(std::shared_ptr<LogSink> sink,
                               const Options& options)
    : sink_(std::move(sink)), options_(options), thread_([this] { Run(); }) {}

RefusalSummary::~RefusalSummary() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  EndMinute();
}

bool RefusalSummary::Count(const ClientAddress& client, std::string_view code) {
  std::string name = NameOf(client);
  const absl::MutexLock lock(&mutex_);
  Counted& counted = Of(std::move(name));
  if (counted.lines < options_.lines) {
    ++counted.lines;
    return true;
  }
  const auto others = counted.others.try_emplace(std::string(code)).first;
  ++others->second;
  return false;
}

RefusalSummary::Counted& RefusalSummary::Of(std::string address) {
  const auto known = counted_.find(address);
  if (known != counted_.end()) return known->second;
  if (counted_.size() >= options_.max_addresses) return counted_[kOthers];
  return counted_[std::move(address)];
}

void RefusalSummary::EndMinute() {
  absl::flat_hash_map<std::string, Counted> ended;
  {
    const absl::MutexLock lock(&mutex_);
    ended.swap(counted_);
  }
  for (const auto& [address, counted] : ended) {
    if (counted.others.empty()) continue;
    std::int64_t sum = 0;
    std::string codes;
    for (const auto& [code, count] : counted.others) {
      sum += count;
      codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", count, code);
    }
    LogLine line(sink_->style(), kLevel,
                 "more requests from this address were refused in this minute");
    line.Add("address", address);
    line.Add("requests", sum);
    line.Add("codes", codes);
    sink_->Write(kLevel, line.Finish());
  }
}

void RefusalSummary::Run() {
  pthread_setname_np(pthread_self(), "refusals");
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_),
                                  options_.minute)) {
        return;
      }
    }
    EndMinute();
  }
}

}  // namespace pinhole
