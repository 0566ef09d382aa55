// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/postgres_reads.h"

#include <cstdlib>
#include <limits>
#include <string_view>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/postgres/reads/statements.h"

namespace pinhole::bench {
namespace {

const UserId kViewer{1};
constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kRows = 21;  // A page of 20 and one more.

const postgres::Statement& Find(std::string_view name) {
  static const auto* const all =
      new std::vector<postgres::ListedStatement>(postgres::ReadStatements());
  for (const postgres::ListedStatement& listed : *all) {
    if (listed.name == name) return *listed.statement;
  }
  std::abort();
}

}  // namespace

PostgresReads::PostgresReads(const std::string& uri, const Clock& clock,
                             int photos, int users)
    : photos_(photos),
      users_(users),
      threads_({.uri = uri, .clock = &clock}),
      db_(postgres::Connection::Open(
              {.uri = uri, .kind = postgres::ConnectionKind::kReader})
              .value()) {
  if (!postgres::FixPlans(*db_).ok()) std::abort();
  threads_.Start();
}

std::int64_t PostgresReads::Repeat(absl::Duration time, Read read) {
  const absl::Time begin = absl::Now();
  std::int64_t done = 0;
  while (absl::Now() - begin < time) {
    absl::Notification answered;
    threads_.Submit(
        [&](const postgres::PostgresReader& reader) { return read(reader); },
        [&](const absl::Status& status) {
          if (!status.ok()) std::abort();
          answered.Notify();
        });
    answered.WaitForNotification();
    ++done;
  }
  return done;
}

std::int64_t PostgresReads::RepeatRaw(absl::Duration time,
                                      absl::FunctionRef<absl::Status()> read) {
  const absl::Time begin = absl::Now();
  std::int64_t done = 0;
  while (absl::Now() - begin < time) {
    if (!read().ok()) std::abort();
    ++done;
  }
  return done;
}

std::int64_t PostgresReads::Photos(absl::Duration time) {
  return Repeat(time, [&](const postgres::PostgresReader& reader) {
    return reader.FindPhoto(kViewer, PhotoId{n_++ % photos_ + 1}).status();
  });
}

std::int64_t PostgresReads::Users(absl::Duration time) {
  return Repeat(time, [&](const postgres::PostgresReader& reader) {
    return reader.FindUser(kViewer, UserId{n_++ % users_ + 1}).status();
  });
}

std::int64_t PostgresReads::Feeds(absl::Duration time) {
  return Repeat(time, [](const postgres::PostgresReader& reader) {
    return reader.ListFeed(kViewer, {0, kRows - 1}).status();
  });
}

std::int64_t PostgresReads::RawPhotos(absl::Duration time) {
  const postgres::Statement& find = Find("FindPhoto, without blocks");
  return RepeatRaw(time, [&] {
    return db_->Query(find, kViewer, PhotoId{n_++ % photos_ + 1}).status();
  });
}

std::int64_t PostgresReads::RawUsers(absl::Duration time) {
  const postgres::Statement& find = Find("FindUser by id, without blocks");
  return RepeatRaw(time, [&] {
    return db_->Query(find, kViewer, UserId{n_++ % users_ + 1}).status();
  });
}

std::int64_t PostgresReads::RawFeeds(absl::Duration time) {
  const postgres::Statement& followed = Find("ListFeed: followed users");
  const postgres::Statement& page = Find("ListFeed, without blocks");
  return RepeatRaw(time, [&] {
    const auto users = db_->Query(followed, kViewer);
    if (!users.ok()) return users.status();
    return db_->Query(page, kViewer, (*users)[0].Ints(1), kNewest, kRows)
        .status();
  });
}

}  // namespace pinhole::bench
