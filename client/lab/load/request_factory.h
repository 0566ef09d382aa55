// SPDX-License-Identifier: Apache-2.0

// Builds the calls of the operations of a mix.

#pragma once

#include <cstdint>

#include "client/lab/core/mix.h"
#include "client/lab/core/random.h"
#include "client/lab/core/zipf.h"
#include "client/lab/load/transport.h"
#include "client/lab/load/world.h"

namespace pinhole::lab {

// Builds the calls of one thread.  Not thread-safe.
class RequestFactory {
 public:
  // Photos and users are picked by Zipf's law if `skewed`, else uniformly.
  // `world` must outlive this object, and must have pictures for uploads.
  RequestFactory(const World& world, Dialect dialect, bool skewed,
                 std::uint64_t seed);

  // A user who is not registered yet.
  Person Newcomer();

  // The call of `operation` by `person`.  Picks a photo that the person has
  // seen in the feed, if any, else any photo.  Likes and follows are undone the
  // next time, so that a long run keeps writing.
  Request Write(Operation operation, Person& person);

  // Stores in `person` the token of a login or the photos of a feed.  Returns
  // false if the answer is not one of `operation`.
  bool Read(Operation operation, const Outcome& outcome, Person& person) const;

 private:
  std::size_t PhotoNumber();
  std::size_t UserNumber();
  const std::string& Photo(const Person& person);
  Request Like(Person& person);
  Request Follow(Person& person);

  const World& world_;
  const Dialect dialect_;
  const bool skewed_;
  const std::uint64_t stream_;
  Random random_;
  Zipf photo_ranks_;
  Zipf user_ranks_;
  std::uint64_t newcomers_ = 0;
  std::uint64_t texts_ = 0;
};

}  // namespace pinhole::lab
