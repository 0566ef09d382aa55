// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "server/media/photo_files.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Removes the files of deleted photos and of uploads that did not become a
// photo.  The transaction that deletes a row records its files as garbage, and
// an upload is recorded before its files are published; the record is deleted
// once the files are removed, so a crash never leaks files.  Thread-safe.
class Garbage {
 public:
  // While a Hold exists, no removal of files starts; they stay recorded for a
  // later `Sweep`.  Photos whose rows exist when the Hold is constructed
  // therefore keep their files, even if they are deleted meanwhile.
  class Hold {
   public:
    explicit Hold(Garbage& garbage) : garbage_(garbage) { ++garbage_.holds_; }
    ~Hold() { --garbage_.holds_; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Garbage& garbage_;
  };

  // All arguments must outlive this object.
  Garbage(Store& store, media::PhotoFiles& files, ThreadPool& file_pool);

  // Removes the files `file_keys`, which are garbage, and their records.  Files
  // that cannot be removed now stay recorded for a later `Sweep`.
  Task<absl::Status> Remove(std::vector<std::string> file_keys);

  // Removes the files of an upload whose publication failed.  The upload stays
  // recorded, so they are removed again after the grace period: a request to S3
  // that seemed to fail can be carried out later.
  Task<absl::Status> RemoveUnpublished(std::string file_key);

  // Removes the files of a recorded upload, unless they have become a photo's.
  // `why` is the result of the command that did not make them one.  Files that
  // cannot be removed now stay recorded as an upload or as garbage.
  Task<absl::Status> GiveUp(std::string file_key, absl::Status why);

  // Removes all recorded files and returns the number of photos that they
  // belonged to.  Called at startup and periodically.
  Task<absl::StatusOr<int>> Sweep();

 private:
  Store& store_;
  media::PhotoFiles& files_;
  ThreadPool& file_pool_;
  std::atomic<int> holds_ = 0;
};

}  // namespace pinhole::domain
