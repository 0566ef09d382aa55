// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/server/store/postgres/explain.h"

#include <algorithm>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::testing {
namespace {

using postgres::Connection;
using postgres::Statement;

std::vector<std::string> Execute(Connection& db, const Statement& statement,
                                 const std::string& explain,
                                 const std::vector<std::string>& arguments) {
  EXPECT_THAT(
      db.Execute(absl::StrCat("PREPARE explained AS ", statement.sql())),
      IsOk());
  const std::string list = absl::StrJoin(arguments, ", ");
  const auto plan = db.QueryOnce(
      absl::StrCat(explain, " EXECUTE explained",
                   list.empty() ? "" : absl::StrCat("(", list, ")")));
  EXPECT_THAT(plan, IsOk());
  EXPECT_THAT(db.Execute("DEALLOCATE explained"), IsOk());
  std::vector<std::string> lines;
  for (const postgres::Row row : *plan) lines.push_back(row.Text(0));
  return lines;
}

}  // namespace

std::vector<std::string> Explain(Connection& db, const Statement& statement) {
  int parameters = 0;
  while (statement.sql().find(absl::StrCat("$", parameters + 1)) !=
         std::string::npos) {
    ++parameters;
  }
  return Execute(db, statement, "EXPLAIN (COSTS OFF)",
                 std::vector<std::string>(parameters, "NULL"));
}

int PagesRead(Connection& db, const Statement& statement,
              const std::vector<std::string>& arguments) {
  static const std::regex kBuffers(
      " *Buffers: shared(?: hit=([0-9]+))?(?: read=([0-9]+))?.*");
  // The first line is about the whole plan.
  for (const std::string& line : Execute(
           db, statement, "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF)",
           arguments)) {
    std::smatch match;
    if (!std::regex_match(line, match, kBuffers)) continue;
    int pages = 0;
    for (int i = 1; i <= 2; ++i) {
      if (match[i].matched) pages += std::stoi(match[i]);
    }
    return pages;
  }
  return 0;
}

std::vector<Scan> ScansIn(const std::vector<std::string>& plan) {
  static const std::regex kScan(
      ".*(?:Seq Scan|Index Scan|Index Only Scan|Bitmap Heap Scan)"
      "(?: Backward)?(?: using [a-z_]+)? on ([a-z_]+).*");
  static const std::regex kCondition(" *Index Cond: (.*)");
  std::vector<Scan> scans;
  for (const std::string& line : plan) {
    std::smatch match;
    if (std::regex_match(line, match, kScan)) {
      scans.push_back({match[1], ""});
    } else if (std::regex_match(line, match, kCondition)) {
      scans.back().condition = match[1];
    }
  }
  return scans;
}

}  // namespace pinhole::testing
