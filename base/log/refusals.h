// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_LOG_REFUSALS_H_
#define PINHOLE_BASE_LOG_REFUSALS_H_

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

// Keeps refused requests from filling the log, since nothing limits how many
// of them somebody can send.  In each minute the first few of an address have
// lines of their own; the rest are counted, and one line for the address tells
// how many they were when the minute ends, or the process.  Addresses are those
// that limits count: an IPv4 address, or the first 64 bits of an IPv6 address.
// A thread of its own ends the minutes.  Thread-safe.
class Refusals {
 public:
  struct Options {
    std::int64_t lines = 10;           // Of an address, in a minute.
    std::size_t max_addresses = 1024;  // All others are counted as one.
    absl::Duration minute = absl::Minutes(1);
  };

  explicit Refusals(std::shared_ptr<LogSink> sink)
      : Refusals(std::move(sink), Options()) {}
  Refusals(std::shared_ptr<LogSink> sink, const Options& options);
  // Ends the minute.
  ~Refusals();
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;

  // Counts a request of `client` that was refused with `code`, one of few
  // words: "404", "RESOURCE_EXHAUSTED".  Whether it gets a line of its own.
  bool Count(const ClientAddress& client, std::string_view code);

  // Writes a line for each address that had requests without one, and begins
  // again.
  void EndMinute();

 private:
  struct Counted {
    std::int64_t lines = 0;
    std::map<std::string, std::int64_t, std::less<>> others;  // By code.
  };

  Counted& Of(std::string address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();

  const std::shared_ptr<LogSink> sink_;
  const Options options_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Counted> counted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last: uses the others.
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_LOG_REFUSALS_H_
