// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_GARBAGE_H_
#define PINHOLE_SERVER_DOMAIN_GARBAGE_H_

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

// Removes the files of photos whose rows are gone.  The store records them as
// garbage in the transaction that deletes the rows and forgets them here once
// the files are gone, so no crash leaves bytes behind for good.  Thread-safe.
class Garbage {
 public:
  // While it lives, nothing that is not being removed already is: it stays
  // recorded for a later `Sweep`.  Thus the photos whose rows were there when
  // it was made keep their files, also if they are deleted meanwhile.
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

  // Removes the photo files `file_keys` and forgets them.  What cannot be
  // removed now stays recorded for a later `Sweep`.
  Task<absl::Status> Remove(std::vector<std::string> file_keys);

  // Removes what is recorded; returns how many photos' files that were.  For
  // start-up and now and then.
  Task<absl::StatusOr<int>> Sweep();

 private:
  Store& store_;
  media::PhotoFiles& files_;
  ThreadPool& file_pool_;
  std::atomic<int> holds_ = 0;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_GARBAGE_H_
