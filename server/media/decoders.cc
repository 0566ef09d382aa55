// SPDX-License-Identifier: Apache-2.0

#include "server/media/decoders.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/file.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kRestartDelay = absl::Seconds(1);

absl::Status Stopping() {
  return MakeError(Reason::kShuttingDown, "the server is stopping");
}

}  // namespace

Decoders::Decoders(Options options) : options_(std::move(options)) {}

Decoders::~Decoders() {
  Stop();
  std::optional<std::thread> keeper;
  {
    absl::MutexLock lock(&mutex_);
    keeper.swap(keeper_);
  }
  if (keeper) keeper->join();
}

fs::path Decoders::DefaultProgram() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = self.parent_path() / "pinhole-decoder";
  if (!error && fs::exists(beside, error)) return beside;
  return (self.parent_path() / PINHOLE_DECODER_FROM_PROGRAMS)
      .lexically_normal();
}

void Decoders::Start() {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || keeper_) return;
  keeper_.emplace([this] { Keep(); });
}

void Decoders::Stop() {
  std::vector<Kept> idle;
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  idle.swap(idle_);
  for (DecoderProcess* process : busy_) process->Interrupt();
}

bool Decoders::TooFew() const {
  return idle_.size() + busy_.size() < options_.count;
}

void Decoders::Keep() {
  pthread_setname_np(pthread_self(), "decoders");
  if (options_.niceness != 0) {
    // Applies to this thread, on Linux; the processes that it starts inherit
    // it.
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), options_.niceness);
  }
  const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || TooFew();
  };
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_;
  };
  while (true) {
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&wanted));
      if (stopping_) return;
    }
    absl::StatusOr<std::unique_ptr<DecoderProcess>> process =
        DecoderProcess::Start(options_.program);
    const absl::Status outcome = process.status();
    bool changed = false;
    {
      absl::MutexLock lock(&mutex_);
      changed = outcome.ok() != availability_.ok();
      availability_ = outcome;
      if (process.ok()) {
        ++started_;
        if (stopping_) return;
        idle_.push_back({.process = *std::move(process)});
      }
    }
    if (changed) options_.on_change(outcome);
    if (outcome.ok()) continue;
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping), kRestartDelay)) {
      return;
    }
  }
}

absl::StatusOr<Renditions> Decoders::Render(const fs::path& original) {
  ASSIGN_OR_RETURN(File file, File::Open(original));
  Start();
  // A killed decoder says nothing about the picture, and all idle ones may have
  // been killed at once: try one more than there are.
  for (std::size_t i = 0; i <= options_.count; ++i) {
    absl::StatusOr<Renditions> made = RenderOnce(file);
    if (!absl::IsAborted(made.status())) return made;
  }
  return MakeError(Reason::kDecoderCrashed,
                   "the picture made its decoder fail repeatedly");
}

absl::StatusOr<Renditions> Decoders::RenderOnce(File& original) {
  ASSIGN_OR_RETURN(Kept kept, Take());
  const absl::Time begin = absl::Now();
  absl::StatusOr<Renditions> made =
      kept.process->Render(original, options_.timeout);
  seconds_.Observe(absl::ToDoubleSeconds(absl::Now() - begin));
  ++kept.pictures;
  GiveBack(std::move(kept));
  return made;
}

absl::StatusOr<Decoders::Kept> Decoders::Take() {
  const auto decided = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !idle_.empty() || !availability_.ok();
  };
  absl::MutexLock lock(&mutex_, absl::Condition(&decided));
  // Killed by somebody, or by the kernel for lack of memory.
  while (!idle_.empty() && !idle_.back().process->IsWaiting()) {
    idle_.pop_back();
    ++ended_[static_cast<std::size_t>(DecoderEnd::kCrashed)];
    mutex_.Await(absl::Condition(&decided));
  }
  if (stopping_) return Stopping();
  if (idle_.empty()) {
    return WithRetryDelay(
        MakeError(Reason::kNoDecoder,
                  "the server accepts no photos at the "
                  "moment: no picture decoder can be started"),
        absl::Seconds(5));
  }
  // The most recently used one, whose data is still in the processor's caches.
  Kept kept = std::move(idle_.back());
  idle_.pop_back();
  busy_.insert(kept.process.get());
  return kept;
}

void Decoders::GiveBack(Kept kept) {
  // Declared first, so that the old process ends without the lock.
  std::unique_ptr<DecoderProcess> replaced;
  absl::MutexLock lock(&mutex_);
  busy_.erase(kept.process.get());
  const bool retired = kept.pictures >= options_.pictures;
  if (kept.process->usable() && !retired && !stopping_) {
    idle_.push_back(std::move(kept));
    return;
  }
  if (!stopping_) {
    ++ended_[static_cast<std::size_t>(kept.process->end())];
  }
  replaced = std::move(kept.process);
}

Decoders::Numbers Decoders::Read() const {
  Numbers numbers;
  numbers.seconds = seconds_.Read();
  absl::MutexLock lock(&mutex_);
  numbers.idle = idle_.size();
  numbers.busy = busy_.size();
  numbers.available = availability_.ok();
  numbers.started = started_;
  numbers.ended = ended_;
  return numbers;
}

}  // namespace pinhole::media
