// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "client/lab/core/mix.h"

namespace pinhole::lab {

// The figures that the tutorial reports for its server, to be shown beside
// those of a run.  Source: the tables of the tutorial's stress test and of its
// breaking point test; docs/performance.md compares them with this server.
struct TutorialBreak {
  int users;               // Concurrent users at which its server broke.
  double rate;             // Requests a second at that load.
  double failure_percent;  // Share of the requests that failed there.
};
inline constexpr TutorialBreak kTutorialBreak = {
    .users = 5, .rate = 1.5, .failure_percent = 35.71};

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
