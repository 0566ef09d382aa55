// SPDX-License-Identifier: Apache-2.0

// What a run found, in a few words.

#ifndef PINHOLE_CLIENT_LAB_REPORT_HEADLINE_H_
#define PINHOLE_CLIENT_LAB_REPORT_HEADLINE_H_

#include <string>
#include <vector>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

struct Fact {
  std::string what;    // "Highest rate"
  std::string answer;  // "412 ops/s"
  std::string note;    // A sentence or two; may be empty.
};

// The limit, the users, what broke first, what bound it and what to do.
std::vector<Fact> HeadlineOf(const report::Report& report);

// What the shape of the curve says: knee, fit, overload.  Sentences.
std::vector<std::string> RemarksOf(const report::Report& report);

// "Breaking point of http://localhost:8080, profile newcomer"
std::string TitleOf(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_HEADLINE_H_
