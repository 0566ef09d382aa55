// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/readers/reader_threads.h"

namespace pinhole::bench {

// One caller that reads a photo, a user and the feed: from the threads of the
// store, and as their bound with the same statements over a connection of its
// own.
class PostgresReads {
 public:
  PostgresReads(const std::string& uri, const Clock& clock, int photos,
                int users);

  // The number of reads in `time`.
  std::int64_t Photos(absl::Duration time);
  std::int64_t Users(absl::Duration time);
  std::int64_t Feeds(absl::Duration time);
  std::int64_t RawPhotos(absl::Duration time);
  std::int64_t RawUsers(absl::Duration time);
  std::int64_t RawFeeds(absl::Duration time);

 private:
  using Read = absl::FunctionRef<absl::Status(const postgres::PostgresReader&)>;
  std::int64_t Repeat(absl::Duration time, Read read);
  std::int64_t RepeatRaw(absl::Duration time,
                         absl::FunctionRef<absl::Status()> read);

  const int photos_, users_;
  std::int64_t n_ = 0;
  postgres::ReaderThreads threads_;
  std::unique_ptr<postgres::Connection> db_;
};

}  // namespace pinhole::bench
