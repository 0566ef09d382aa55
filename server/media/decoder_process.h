// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MEDIA_DECODER_PROCESS_H_
#define PINHOLE_SERVER_MEDIA_DECODER_PROCESS_H_

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

// Reasons for refusing a picture that only its decoding shows.
inline constexpr std::string_view kCrashesDecoder = "DECODER_CRASHED";
inline constexpr std::string_view kTooMuchMemory = "DECODER_OUT_OF_MEMORY";
inline constexpr std::string_view kTooCostly = "DECODER_OUT_OF_TIME";

// Why a decoder was replaced.
enum class DecoderEnd {
  kCrashed,      // By a picture: a signal, or an answer that makes no sense.
  kOutOfMemory,  // Of what a picture may use.
  kOutOfTime,    // CPU or wall-clock time of a picture.
  kRetired,      // After its share of pictures.
};

// One running `pinhole-decoder` and the socket to it.  Not thread-safe, but for
// `Interrupt`.
class DecoderProcess {
 public:
  // Starts `program` and waits until it is ready.  It gets nothing of this
  // process but the socket: no other descriptor, and an environment of its own.
  // Errors: UNAVAILABLE (what went wrong).
  static absl::StatusOr<std::unique_ptr<DecoderProcess>> Start(
      const std::filesystem::path& program);

  // Ends the process, at once.
  ~DecoderProcess();
  DecoderProcess(const DecoderProcess&) = delete;
  DecoderProcess& operator=(const DecoderProcess&) = delete;

  // Has it make the renditions of `original`, for at most `patience`.  Whether
  // it can go on afterwards is told by `usable`.
  // Errors: INVALID_ARGUMENT with a reason of picture_refusal.h; ABORTED (the
  // process was killed, which may or may not be because of the picture);
  // UNAVAILABLE (interrupted); DATA_LOSS (unreadable file).
  absl::StatusOr<Renditions> Render(File& original, absl::Duration patience);

  // Whether the process waits for a picture; else it has ended.
  bool IsWaiting() const;

  // Makes `Render`, on another thread, return soon.
  void Interrupt();

  // Whether it can take another picture.
  bool usable() const { return usable_; }
  // Why not; `usable` is false.
  DecoderEnd end() const { return end_; }

 private:
  DecoderProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}

  absl::Status AwaitGreeting();
  absl::StatusOr<Renditions> Exchange(File& original, absl::Time deadline);
  // Whether all of it came.
  bool Receive(void* data, std::size_t size, absl::Time deadline);
  // Ends the process and tells from its exit why it did not answer.
  // Errors: INVALID_ARGUMENT (because of the picture), UNAVAILABLE
  // (interrupted), ABORTED (killed, not surely because of the picture).
  absl::Status Autopsy();
  // The status of waitpid.
  int EndAndReap();

  pid_t pid_;  // 0 when reaped.
  const int socket_;
  bool usable_ = true;
  bool timed_out_ = false;
  bool killed_ = false;  // By this object.
  std::atomic<bool> interrupted_ = false;
  DecoderEnd end_ = DecoderEnd::kRetired;
};

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_DECODER_PROCESS_H_
