// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/histogram.h"
#include "server/media/decoder_limits.h"
#include "server/media/decoder_process.h"
#include "server/media/renditions.h"

namespace pinhole::media {

// The decoder processes: one for each picture that may be decoded concurrently,
// kept between pictures, replaced when one ends or has decoded its share of
// pictures.  A separate thread starts them, so that a replacement is ready
// before it is needed.  While none can be started, it tries again every second.
// Thread-safe.
class Decoders {
 public:
  struct Options {
    std::filesystem::path program = DefaultProgram();
    std::size_t count = 1;
    int niceness = 0;                       // Added to this process's niceness.
    absl::Duration timeout = kDecoderTime;  // Time limit for one picture.
    // Pictures after which a process is replaced.
    int pictures = kPicturesPerDecoder;
    // Called on the thread that starts the processes when decoders become
    // unavailable (with the reason) and available again (OK).
    std::function<void(const absl::Status&)> on_change = [](const auto&) {};
  };

  struct Numbers {
    std::size_t idle = 0;
    std::size_t busy = 0;
    bool available = true;
    std::int64_t started = 0;
    std::array<std::int64_t, 4> ended{};  // By DecoderEnd.
    HistogramCounts seconds;  // Durations, including those of refused pictures.
  };

  explicit Decoders(Options options);
  // Ends all processes.
  ~Decoders();
  Decoders(const Decoders&) = delete;
  Decoders& operator=(const Decoders&) = delete;

  // Path of pinhole-decoder: beside this program, as in a build, or else where
  // it is installed.
  static std::filesystem::path DefaultProgram();

  // Checks the picture `original` and makes its renditions.  Blocks while all
  // decoders are busy; starts the decoders if `Start` was not called. Errors:
  // INVALID_ARGUMENT with a reason of picture_refusal.h; UNAVAILABLE with a
  // retry delay (no decoder can be started), or without (`Stop` was called);
  // NOT_FOUND, DATA_LOSS (the file).
  absl::StatusOr<Renditions> Render(const std::filesystem::path& original);

  // Starts the processes in the background.
  void Start();

  // Ends all processes, including busy ones, and starts no more.
  void Stop();

  Numbers Read() const;

 private:
  struct Kept {
    std::unique_ptr<DecoderProcess> process;
    int pictures = 0;  // Decoded so far.
  };

  void Keep();
  bool TooFew() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Errors: as `DecoderProcess::Render`.
  absl::StatusOr<Renditions> RenderOnce(File& original);
  absl::StatusOr<Kept> Take();
  void GiveBack(Kept kept);

  const Options options_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status availability_ ABSL_GUARDED_BY(mutex_);
  std::vector<Kept> idle_ ABSL_GUARDED_BY(mutex_);
  std::set<DecoderProcess*> busy_ ABSL_GUARDED_BY(mutex_);
  std::int64_t started_ ABSL_GUARDED_BY(mutex_) = 0;
  std::array<std::int64_t, 4> ended_ ABSL_GUARDED_BY(mutex_){};
  Histogram seconds_{kDecodeSeconds};
  std::optional<std::thread> keeper_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::media
