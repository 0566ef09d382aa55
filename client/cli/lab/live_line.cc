// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/live_line.h"

#include <ostream>
#include <utility>

#include "client/lab/core/format.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr std::string_view kWipe = "\r\x1b[K";

}  // namespace

std::string LiveText(const std::string& command,
                     const lab::LiveSecond& second) {
  const double all = static_cast<double>(second.ok + second.errors);
  const std::string load =
      second.users > 0 ? fmt::format("{} {}", second.users,
                                     second.users == 1 ? "user" : "users")
                       : fmt::format("of {}/s", lab::FormatNumber(second.rate));
  const std::string p99 =
      second.ok > 0
          ? fmt::format("{:.1f}", absl::ToDoubleMilliseconds(second.p99))
          : "-";
  return fmt::format(
      "[{} {} {}] {}/s, {} | p99 {} ms | err {:.2f} % | in flight {} | "
      "{}/{} s",
      command, second.step, second.purpose, second.ok, load, p99,
      all > 0 ? 100 * static_cast<double>(second.errors) / all : 0.0,
      second.in_flight, second.second, second.seconds);
}

LiveLine::LiveLine(const Context& context, std::string command)
    : out_(context.terminal.err),
      shown_(!context.quiet),
      one_line_(context.terminal.err_is_terminal),
      command_(std::move(command)) {}

LiveLine::~LiveLine() {
  if (shown_ && one_line_) out_ << kWipe << std::flush;
}

void LiveLine::Show(const lab::LiveSecond& second) {
  if (!shown_) return;
  const std::string text = LiveText(command_, second);
  if (one_line_) {
    out_ << kWipe << text << std::flush;
  } else {
    out_ << text << "\n" << std::flush;
  }
}

}  // namespace pinhole::cli
