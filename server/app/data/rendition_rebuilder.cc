// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/rendition_rebuilder.h"

#include <pthread.h>

#include <optional>

#include "absl/time/clock.h"
#include "base/async/blocking_executor.h"
#include "base/log/log.h"
#include "fmt/format.h"

namespace pinhole::app {

using domain::RebuildResult;

std::string Describe(const RebuildResult& rebuilt) {
  const std::string why(rebuilt.why.message());
  switch (rebuilt.outcome) {
    case RebuildResult::Outcome::kKept:
      return fmt::format(
          "photos/{} keeps its old renditions because its original can no "
          "longer be rendered: {}",
          rebuilt.photo.value, why);
    case RebuildResult::Outcome::kDamaged:
      return fmt::format(
          "the renditions of photos/{} cannot be rebuilt; restore its files "
          "from a backup: {}",
          rebuilt.photo.value, why);
    case RebuildResult::Outcome::kReplaced:
    case RebuildResult::Outcome::kGone:
      break;
  }
  return "";
}

RenditionRebuilder::RenditionRebuilder(domain::Renditions& renditions,
                                       media::Decoders& decoders,
                                       absl::Duration retry)
    : renditions_(renditions),
      decoders_(decoders),
      retry_(retry),
      thread_([this] { Run(); }) {}

RenditionRebuilder::~RenditionRebuilder() {
  stop_.Notify();
  renditions_.Stop();
  decoders_.Stop();
  thread_.join();
}

void RenditionRebuilder::Run() {
  pthread_setname_np(pthread_self(), "renditions");
  LogInfo("rebuilding the renditions of {} photos in the background",
          renditions_.Stats().outdated);
  while (true) {
    const absl::Duration pause = Step();
    if (pause == absl::InfiniteDuration()) {
      decoders_.Stop();
      return;
    }
    if (stop_.WaitForNotificationWithTimeout(pause)) return;
  }
}

absl::Duration RenditionRebuilder::Step() {
  const absl::Time begin = absl::Now();
  const absl::StatusOr<std::optional<RebuildResult>> rebuilt =
      BlockingExecutor().Run(renditions_.RebuildNext());
  if (!rebuilt.ok()) {
    if (stop_.HasBeenNotified()) return absl::InfiniteDuration();
    if (rebuilt.status() != last_error_) {
      LogWarning("cannot rebuild renditions at the moment: {}",
                 rebuilt.status().ToString());
      last_error_ = rebuilt.status();
    }
    return retry_;
  }
  last_error_ = absl::OkStatus();
  if (!rebuilt->has_value()) {
    const domain::RenditionStats stats = renditions_.Stats();
    LogInfo(
        "rebuilt the renditions of {} photos; {} keep theirs, {} are damaged",
        stats.replaced, stats.kept, stats.damaged);
    return absl::InfiniteDuration();
  }
  const std::string line = Describe(**rebuilt);
  if ((*rebuilt)->outcome == RebuildResult::Outcome::kDamaged) {
    LogError("{}", line);
  } else if (!line.empty()) {
    LogWarning("{}", line);
  }
  return absl::Now() - begin;
}

}  // namespace pinhole::app
