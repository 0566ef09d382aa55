// SPDX-License-Identifier: Apache-2.0

// What each operation of a mix says to the server.

#ifndef PINHOLE_CLIENT_LAB_LOAD_REQUEST_FACTORY_H_
#define PINHOLE_CLIENT_LAB_LOAD_REQUEST_FACTORY_H_

#include <cstdint>

#include "client/lab/core/mix.h"
#include "client/lab/core/random.h"
#include "client/lab/core/zipf.h"
#include "client/lab/load/transport.h"
#include "client/lab/load/world.h"

namespace pinhole::lab {

// Writes the calls of one thread. Not thread-safe.
class RequestFactory {
 public:
  // Photos and users are picked by Zipf's law if `skewed`, else all alike.
  // `world` must outlive this object, and has pictures if there are uploads.
  RequestFactory(const World& world, Dialect dialect, bool skewed,
                 std::uint64_t seed);

  // Somebody who is not registered yet.
  Person Newcomer();

  // `operation`, done by `person`.  A photo is one that the person has seen in
  // the feed, if there is any; else any photo.  Of those, what is liked or
  // followed is the other way the next time, so that a long run goes on
  // changing something.
  Request Write(Operation operation, Person& person);

  // Has `person` know what the answer told: the token of a login, the photos of
  // a feed.  Returns false if the answer is not what `operation` answers.
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

#endif  // PINHOLE_CLIENT_LAB_LOAD_REQUEST_FACTORY_H_
