// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "base/clock.h"
#include "server/store/postgres/writes/deadline_timer.h"
#include "server/store/postgres/writes/lane_thread.h"
#include "server/store/store.h"

namespace pinhole::postgres {

// Execution of commands, by two lanes: one runs frequent commands in batches,
// with one commit for each batch, the other all other commands one by one, so
// that slow ones do not delay the frequent ones.  Thread-safe.
class PostgresWriter {
 public:
  struct Options {
    std::string uri;
    std::string application_name = "pinhole";
    const Clock* clock = nullptr;             // Must outlive the writer.
    std::size_t max_queued_commands = 4096;   // Of each lane.
    std::size_t max_queued_bytes = 64 << 20;  // Of each lane.
    // Both are called on any thread and may be null: with the number of a node,
    // after each connection of the lane of batches, and after each failure
    // because the disk is full.
    std::function<void(int node)> on_node = {};
    std::function<void()> on_disk_full = {};
  };

  // The work of the writer since it was created, besides that of StoreStats.
  struct Stats {
    std::array<std::int64_t, LaneThread::kBatchSizes> batch_sizes = {};
    LaneStats batches;  // Of the lane of batches.
    LaneStats singles;  // Of the lane of single commands.
  };

  // The database must be up to date, but need not be reachable.
  explicit PostgresWriter(Options options);
  ~PostgresWriter();

  PostgresWriter(const PostgresWriter&) = delete;
  PostgresWriter& operator=(const PostgresWriter&) = delete;

  // As `Store::Submit`.
  void Submit(Command command, WriteOptions options, Store::Done done);

  // Finishes the queued commands and refuses later ones.  Commands that cannot
  // be finished within seconds fail.
  void Stop();

  // OK, or why no command can be run at the moment.
  absl::Status state() const;

  void AddTo(StoreStats& stats) const;
  Stats stats() const;

 private:
  LaneThread::Options LaneOptions(int number, const std::string& instance);

  const Options options_;
  // Lanes before the timer, which uses their queues.
  std::unique_ptr<LaneThread> batches_;
  std::unique_ptr<LaneThread> singles_;
  std::unique_ptr<DeadlineTimer> timer_;
};

}  // namespace pinhole::postgres
