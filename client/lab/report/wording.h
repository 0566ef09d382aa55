// SPDX-License-Identifier: Apache-2.0

// How reports write figures, the same in every form.

#ifndef PINHOLE_CLIENT_LAB_REPORT_WORDING_H_
#define PINHOLE_CLIENT_LAB_REPORT_WORDING_H_

#include <string>

#include "client/lab/core/words.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// In percent without the sign: "99.82" of 0.9982.  What is not quite all is
// never rounded to all, nor what is not quite nothing to nothing.
std::string PercentFigure(double share);

// "x 12.9"; empty if there is nothing to compare with.
std::string RatioWord(double before, double after);

// "20 users", "1 user", "400 ops/s": what the step put on, or asked for.
std::string LoadWord(const report::Step& step);

// "412 ops/s", "at least 412 ops/s", "none": what a search found.
std::string LimitWord(const report::Limit& limit, const std::string& unit);

// With a capital and a full stop, if it has none.
std::string Sentence(const std::string& text);

// "the write lock" of `write_lock`; what is not known as it is.
std::string ResourceWord(const std::string& finding_id);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_WORDING_H_
