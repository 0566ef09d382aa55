// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/domain/renditions.h"
#include "server/media/decoders.h"

namespace pinhole::app {

// One line for the operator about a photo, without a full stop; empty if there
// is nothing to report.
std::string Describe(const domain::RebuildResult& rebuilt);

// Rebuilds outdated renditions on a separate thread, one photo at a time.
// Pauses after each for as long as it took, so as to use at most half of one
// decoder's time.  Ends, and stops the decoder, when nothing is left.
class RenditionRebuilder {
 public:
  // `renditions` and `decoders` must not be used by others and must outlive
  // this object.  After an error, the next attempt follows after `retry`.
  RenditionRebuilder(domain::Renditions& renditions, media::Decoders& decoders,
                     absl::Duration retry);
  // Abandons the photo in progress.
  ~RenditionRebuilder();

  RenditionRebuilder(const RenditionRebuilder&) = delete;
  RenditionRebuilder& operator=(const RenditionRebuilder&) = delete;

 private:
  void Run();
  // Returns the time to wait before the next photo; infinite if there is none.
  absl::Duration Step();

  domain::Renditions& renditions_;
  media::Decoders& decoders_;
  const absl::Duration retry_;
  absl::Status last_error_;  // Logged already.
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::app
