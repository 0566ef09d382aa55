// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_WATCHES_H_
#define PINHOLE_SERVER_RPC_WATCHES_H_

#include "absl/status/statusor.h"
#include "server/base/places.h"
#include "server/model/ids.h"

namespace pinhole::rpc {

// How many streams without an end one user holds open.  They cost memory for as
// long as somebody likes, so neither their rate nor their deadline bounds them.
// Thread-safe.
class Watches {
 public:
  struct Options {
    int per_user = 16;  // One for each device and open page, roughly.
    // Of all together who are not signed in: watches of health, by few.
    int of_strangers = 1000;
  };

  // A watch under way, until it is destroyed; the watches outlive it.
  using Place = Places::Place;

  explicit Watches(const Options& options) : options_(options) {}

  // Errors: RESOURCE_EXHAUSTED, reason TOO_MANY_WATCHES.
  absl::StatusOr<Place> Begin(UserId user);

 private:
  const Options options_;
  Places places_;
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_WATCHES_H_
