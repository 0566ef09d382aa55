// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/log/log_sink.h"
#include "base/net/client_address.h"

namespace pinhole {

// Prevents refused requests, whose number is not limited, from flooding the
// log. In each minute, the first few refusals of an address are logged
// individually. The others are counted, and one line for the address reports
// their number at the end of the minute or of the process.  An address is an
// IPv4 address, or the first 64 bits of an IPv6 address, as for limits.  Uses
// its own thread. Thread-safe.
class RefusalSummary {
 public:
  struct Options {
    std::int64_t lines = 10;           // For each address and minute.
    std::size_t max_addresses = 1024;  // Further ones are counted together.
    absl::Duration minute = absl::Minutes(1);
  };

  explicit RefusalSummary(std::shared_ptr<LogSink> sink)
      : RefusalSummary(std::move(sink), Options()) {}
  RefusalSummary(std::shared_ptr<LogSink> sink, const Options& options);
  // Calls `EndMinute`.
  ~RefusalSummary();
  RefusalSummary(const RefusalSummary&) = delete;
  RefusalSummary& operator=(const RefusalSummary&) = delete;

  // Counts a request from `client` that was refused with `code` ("404",
  // "RESOURCE_EXHAUSTED"), of which there must be few.  Returns whether to log
  // it individually.
  bool Count(const ClientAddress& client, std::string_view code);

  // Logs a line for each address with requests that were not logged, and resets
  // all counts.
  void EndMinute();

 private:
  struct Counted {
    std::int64_t lines = 0;
    std::map<std::string, std::int64_t, std::less<>>
        others;  // Not logged, by code.
  };

  Counted& Of(std::string address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();

  const std::shared_ptr<LogSink> sink_;
  const Options options_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Counted> counted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last, since it uses the other members.
};

}  // namespace pinhole
