// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "client/lab/core/mix.h"

namespace pinhole::lab {

// The figures that the tutorial reports for its server on SQLite, to be shown
// beside those of a run.  Source: the tables of the tutorial's stress test and
// of its breaking point test; docs/performance.md compares them with this
// server.
struct TutorialBreak {
  int users;               // Concurrent users at which its server broke.
  double rate;             // Requests a second at that load.
  double failure_percent;  // Share of the requests that failed there.
};
inline constexpr TutorialBreak kTutorialBreak = {
    .users = 5, .rate = 1.5, .failure_percent = 35.71};

// The figures that the tutorial promises for its second stage, on PostgreSQL.
struct TutorialPromise {
  int users;               // At least this many concurrent users.
  double rate;             // At least this many requests a second.
  double failure_percent;  // A smaller share of the requests fails.
  double write_low_ms;     // A write takes this long,
  double write_high_ms;    // or up to this long.
  int connections;         // At least this many.
};
inline constexpr TutorialPromise kTutorialPromise = {.users = 500,
                                                     .rate = 150,
                                                     .failure_percent = 1,
                                                     .write_low_ms = 5,
                                                     .write_high_ms = 10,
                                                     .connections = 100};

// The response time in milliseconds that the tutorial reports for `operation`;
// nothing for the operations for which it reports none.
constexpr std::optional<double> TutorialMs(Operation operation) {
  switch (operation) {
    case Operation::kRegister:
      return 89;
    case Operation::kLogin:
      return 70;
    case Operation::kFeed:
    case Operation::kLike:
      return 2;
    case Operation::kFollow:
      return 1;
    case Operation::kProfile:
    case Operation::kPhoto:
    case Operation::kDownload:
    case Operation::kComment:
    case Operation::kUpload:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace pinhole::lab
