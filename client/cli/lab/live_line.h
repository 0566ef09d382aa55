// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "client/cli/commands/context.h"
#include "client/lab/run/lab.h"

namespace pinhole::cli {

// Shows the load during a run, on standard error: a line that is rewritten on a
// terminal, a line a second elsewhere, and nothing with --quiet.
class LiveLine {
 public:
  LiveLine(const Context& context, std::string command);
  ~LiveLine();

  void Show(const lab::LiveSecond& second);

 private:
  std::ostream& out_;
  const bool shown_;
  const bool one_line_;
  const std::string command_;
};

// "[breaking 7 bisect] 412/s, of 420/s | p99 38.0 ms | err 0.00 % | in flight
// 19 | 6/10 s"; the p99 is "-" if nothing succeeded in that second.
std::string LiveText(const std::string& command, const lab::LiveSecond& second);

}  // namespace pinhole::cli
