// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_DATA_RENDITION_UPKEEP_H_
#define PINHOLE_SERVER_APP_DATA_RENDITION_UPKEEP_H_

#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/domain/renditions.h"
#include "server/media/decoders.h"

namespace pinhole::app {

// A line for the operator about one photo, without a full stop; empty if there
// is nothing to say.
std::string Describe(const domain::Rebuilt& rebuilt);

// Rebuilds outdated renditions on a thread of its own, one photo at a time,
// with a pause after each that is as long as it took: at most half of one
// decoder's time.  Ends when nothing is left to do, and with it the decoder.
class RenditionUpkeep {
 public:
  // `renditions` and `decoders`, which it alone uses, must outlive this object.
  // After an error the next attempt waits for `retry`.
  RenditionUpkeep(domain::Renditions& renditions, media::Decoders& decoders,
                  absl::Duration retry);
  // Gives up the photo under way.
  ~RenditionUpkeep();

  RenditionUpkeep(const RenditionUpkeep&) = delete;
  RenditionUpkeep& operator=(const RenditionUpkeep&) = delete;

 private:
  void Run();
  // How long to wait before the next photo; infinite if there is none.
  absl::Duration Step();

  domain::Renditions& renditions_;
  media::Decoders& decoders_;
  const absl::Duration retry_;
  absl::Status last_error_;  // Told already.
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_DATA_RENDITION_UPKEEP_H_
