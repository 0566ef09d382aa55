// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/media/file.h"
#include "server/media/renditions.h"

namespace pinhole::media {

// Reasons for refusing a picture that only decoding reveals.

// Why a decoder was replaced.
enum class DecoderEnd {
  kCrashed,      // A signal or an invalid answer, because of a picture.
  kOutOfMemory,  // A picture exceeded its memory limit.
  kOutOfTime,    // A picture exceeded its CPU or wall-clock time.
  kRetired,      // It has decoded its share of pictures.
};

// A running `pinhole-decoder` process and the socket to it.  Not thread-safe,
// except for `Interrupt`.
class DecoderProcess {
 public:
  // Starts `program` and waits until it is ready.  The process inherits only
  // the socket: no other descriptor, and a fixed environment. Errors:
  // UNAVAILABLE (with the cause).
  static absl::StatusOr<std::unique_ptr<DecoderProcess>> Start(
      const std::filesystem::path& program);

  // Kills the process.
  ~DecoderProcess();
  DecoderProcess(const DecoderProcess&) = delete;
  DecoderProcess& operator=(const DecoderProcess&) = delete;

  // Makes the process render `original`, within `timeout`.  Afterwards
  // `usable` tells whether the process can take another picture. Errors:
  // INVALID_ARGUMENT with a reason of picture_refusal.h; ABORTED (the process
  // was killed, perhaps not because of the picture); UNAVAILABLE (interrupted);
  // DATA_LOSS (unreadable file).
  absl::StatusOr<Renditions> Render(File& original, absl::Duration timeout);

  // Whether the process is waiting for a picture; false if it has ended.
  bool IsWaiting() const;

  // Makes `Render`, called on another thread, return soon.
  void Interrupt();

  // Whether it can take another picture.
  bool usable() const { return usable_; }
  // Why it cannot; requires that `usable` is false.
  DecoderEnd end() const { return end_; }

 private:
  DecoderProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}

  absl::Status AwaitGreeting();
  absl::StatusOr<Renditions> Exchange(File& original, absl::Time deadline);
  // Returns whether all `size` bytes arrived before `deadline`.
  bool Receive(void* data, std::size_t size, absl::Time deadline);
  // Ends the process and derives from its exit status why it did not answer.
  // Errors: INVALID_ARGUMENT (because of the picture), UNAVAILABLE
  // (interrupted), ABORTED (killed, perhaps not because of the picture).
  absl::Status ExplainExit();
  // Returns the status of waitpid.
  int EndAndReap();

  pid_t pid_;  // 0 once reaped.
  const int socket_;
  bool usable_ = true;
  bool timed_out_ = false;
  bool killed_ = false;  // By this object.
  std::atomic<bool> interrupted_ = false;
  DecoderEnd end_ = DecoderEnd::kRetired;
};

}  // namespace pinhole::media
