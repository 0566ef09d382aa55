// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/crew.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/time/clock.h"

namespace pinhole::cli::seed {
namespace {

constexpr int kHopeless = 20;
constexpr std::size_t kMostFailures = 10;

}  // namespace

Crew::Crew(int threads, double rate)
    : threads_(std::max(threads, 1)),
      gap_(rate > 0 ? absl::Seconds(1 / rate) : absl::ZeroDuration()) {}

std::size_t Crew::ForEach(std::size_t count, const Work& work,
                          const Pace& pace) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> succeeded{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < count && !gave_up(); i = next++) {
      AwaitTurn(pace.operations);
      const absl::Status status = work(i);
      if (status.ok()) ++succeeded;
      Note(status);
      Skip(pace.operations);
    }
  };
  std::vector<std::thread> helpers;
  const auto threads = std::min<std::size_t>(pace.threads, count);
  for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
  return count - succeeded;
}

void Crew::Skip(std::size_t operations) {
  for (; operations > 0; --operations) progress_();
}

std::size_t Crew::PerSecond(std::size_t most) const {
  if (gap_ == absl::ZeroDuration()) return most;
  const auto rate = static_cast<std::size_t>(absl::Seconds(1) / gap_);
  return std::clamp<std::size_t>(rate, 1, most);
}

void Crew::OnProgress(std::function<void()> progress) {
  progress_ = std::move(progress);
}

bool Crew::gave_up() const {
  absl::MutexLock lock(&mutex_);
  return gave_up_;
}

std::vector<std::string> Crew::failures() const {
  absl::MutexLock lock(&mutex_);
  return failures_;
}

void Crew::AwaitTurn(std::size_t operations) {
  if (gap_ == absl::ZeroDuration()) return;
  absl::Time turn;
  {
    absl::MutexLock lock(&mutex_);
    turn = std::max(next_time_, absl::Now());
    next_time_ = turn + gap_ * static_cast<double>(operations);
  }
  absl::SleepFor(turn - absl::Now());
}

void Crew::Note(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (status.ok()) {
    failed_in_a_row_ = 0;
    return;
  }
  gave_up_ = gave_up_ || ++failed_in_a_row_ >= kHopeless;
  // Without the details, which differ between requests.
  const std::string text =
      status.ToString(absl::StatusToStringMode::kWithNoExtraData);
  const bool known =
      std::find(failures_.begin(), failures_.end(), text) != failures_.end();
  if (!known && failures_.size() < kMostFailures) failures_.push_back(text);
}

}  // namespace pinhole::cli::seed
