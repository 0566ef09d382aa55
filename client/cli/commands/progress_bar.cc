// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/progress_bar.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "absl/time/clock.h"
#include "client/cli/terminal/text.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr int kBarColumns = 30;
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(const Context& context, std::string label)
    : out_(context.terminal.err),
      shown_(context.terminal.err_is_terminal && !context.quiet),
      label_(Shorten(Escape(std::move(label)), 30)) {}

ProgressBar::~ProgressBar() {
  if (shown_) out_ << kClearLine << std::flush;
}

void ProgressBar::Update(std::int64_t done, std::int64_t total) {
  if (!shown_) return;
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (done != total && now - drawn_time_ < absl::Milliseconds(100)) return;
  drawn_time_ = now;
  if (total <= 0) {
    out_ << kClearLine << label_ << " " << done << std::flush;
    return;
  }
  const auto filled =
      static_cast<int>(std::min(done, total) * kBarColumns / total);
  out_ << kClearLine
       << fmt::format("{} [{:#<{}}{:.<{}}] {:3}%", label_, "", filled, "",
                      kBarColumns - filled, std::min(done, total) * 100 / total)
       << std::flush;
}

}  // namespace pinhole::cli
