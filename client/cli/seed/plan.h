// SPDX-License-Identifier: Apache-2.0

// The users, photos, follows, likes and comments that seeding creates.
//
// The same options give the same plan on every machine, which makes seeding
// resumable.  Popularity follows a power law: few users have most of the
// followers, and few photos most of the likes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/cli/seed/words.h"
#include "pinhole/client.h"

namespace pinhole::cli::seed {

struct PlanOptions {
  int users = 50;
  int photos = 200;
  int follows = 600;
  int likes = 2000;
  int comments = 400;
  int most_followed = 7500;  // The server's limit for one user.
  std::uint32_t seed = 1;
  // The number of the first photo.  Photos with other numbers are others.
  std::uint64_t first_photo = 0;
  // Names of the picture files to publish; pictures are painted if empty.
  std::vector<std::string> files = {};
};

struct PlannedPhoto {
  std::size_t owner = 0;  // Index into `Plan::users`.
  std::uint64_t picture_seed = 0;
  std::size_t file = 0;  // Index into `PlanOptions::files`, if there are any.
  client::Upload upload;
};

// A user who follows a user or likes a photo, by index.
struct Edge {
  std::size_t from = 0;
  std::size_t to = 0;

  friend bool operator==(const Edge& a, const Edge& b) {
    return a.from == b.from && a.to == b.to;
  }
};

struct PlannedComment {
  std::size_t user = 0;
  std::size_t photo = 0;
  std::string text;
  std::string request_id;
};

struct Plan {
  std::vector<Person> users;  // Their handles are unique.
  std::vector<PlannedPhoto> photos;
  std::vector<Edge> follows;  // Distinct, nobody follows themselves.
  std::vector<Edge> likes;    // Distinct, of photos the user may see.
  std::vector<PlannedComment> comments;  // The same.
};

// Plans as much as asked for, or less if there is no more to do: three users
// can make at most six follows.
Plan MakePlan(const PlanOptions& options);

}  // namespace pinhole::cli::seed
