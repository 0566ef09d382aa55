// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/plan.h"

#include <functional>
#include <set>
#include <utility>

#include "client/lab/core/zipf.h"
#include "fmt/format.h"

namespace pinhole::cli::seed {
namespace {

// Popularity, close to what social networks show.
constexpr double kFameExponent = 1.0;
// How much users differ in their activity.
constexpr double kActivityExponent = 0.5;

using Pair = std::pair<std::size_t, std::size_t>;
using Allowed = std::function<bool(std::size_t from, std::size_t to)>;

std::string Base36(std::uint32_t value) {
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text;
  for (; value > 0 || text.empty(); value /= 36) {
    text.insert(text.begin(), kDigits[value % 36]);
  }
  return text;
}

std::vector<Person> PlanUsers(const PlanOptions& options) {
  std::vector<Person> users;
  std::set<std::string> taken;
  for (int i = 0; i < options.users; ++i) {
    lab::Random random(options.seed, "user", i);
    Person person = MakePerson(random);
    // Users of two seeds have different handles.
    if (options.seed != 1)
      person.handle += fmt::format("_{}", Base36(options.seed));
    if (!taken.insert(person.handle).second) {
      person.handle += fmt::format(".{}", i);
      taken.insert(person.handle);
    }
    users.push_back(std::move(person));
  }
  return users;
}

v1::Visibility PickVisibility(lab::Random& random) {
  const double at = random.Unit();
  if (at < 0.9) return v1::VISIBILITY_PUBLIC;
  return at < 0.97 ? v1::VISIBILITY_FOLLOWERS : v1::VISIBILITY_PRIVATE;
}

std::vector<PlannedPhoto> PlanPhotos(const PlanOptions& options,
                                     const std::vector<Person>& users) {
  lab::Random order(options.seed, "owners", 0);
  const lab::Zipf owners(users.size(), kActivityExponent, order);
  std::vector<PlannedPhoto> photos;
  for (int i = 0; i < options.photos && !users.empty(); ++i) {
    const std::uint64_t number =
        options.first_photo + static_cast<std::uint64_t>(i);
    lab::Random random(options.seed, "photo", number);
    PlannedPhoto photo;
    photo.owner = owners.Draw(random);
    photo.picture_seed = random.Next();
    photo.upload.visibility = PickVisibility(random);
    std::string source = "painted";
    if (options.files.empty()) {
      const Scene scene = SceneOf(photo.picture_seed);
      photo.upload.caption = MakeCaption(random, scene);
      photo.upload.alt_text = MakeAltText(scene);
    } else {
      photo.file = random.Below(options.files.size());
      photo.upload.caption = MakeCaption(random);
      source = options.files[photo.file];
    }
    // Everything that identifies the photo, because the server rejects an
    // identifier that is used again for other content.
    photo.upload.request_id = lab::UuidOf(
        fmt::format("photo/{}/{}/{}/{}/{}/{}", options.seed, number,
                    users[photo.owner].handle, photo.upload.caption,
                    static_cast<int>(photo.upload.visibility), source));
    photos.push_back(std::move(photo));
  }
  return photos;
}

// The pairs that are left when drawing hardly finds new ones.
std::vector<Pair> Remaining(std::size_t froms, std::size_t tos,
                            const Allowed& allowed,
                            const std::set<Pair>& taken) {
  std::vector<Pair> rest;
  for (std::size_t from = 0; from < froms; ++from) {
    for (std::size_t to = 0; to < tos; ++to) {
      if (allowed(from, to) && !taken.contains({from, to})) {
        rest.emplace_back(from, to);
      }
    }
  }
  return rest;
}

// Draws `count` distinct pairs, at most `most` with the same `from`, or all
// that exist.
std::vector<Edge> DrawEdges(int count, std::size_t froms, std::size_t tos,
                            int most, lab::Random random, const Allowed& may) {
  std::vector<Edge> edges;
  if (froms == 0 || tos == 0) return edges;
  const lab::Zipf from_law(froms, kActivityExponent, random);
  const lab::Zipf to_law(tos, kFameExponent, random);
  std::vector<int> counts(froms);
  const Allowed allowed = [&](std::size_t from, std::size_t to) {
    return counts[from] < most && may(from, to);
  };
  const auto add = [&](const Pair& pair) {
    ++counts[pair.first];
    edges.push_back({pair.first, pair.second});
  };
  std::set<Pair> taken;
  constexpr int kTries = 200;
  for (int failed = 0; static_cast<int>(edges.size()) < count;) {
    const Pair pair(from_law.Draw(random), to_law.Draw(random));
    if (allowed(pair.first, pair.second) && taken.insert(pair).second) {
      add(pair);
      failed = 0;
    } else if (++failed == kTries) {
      break;
    }
  }
  if (static_cast<int>(edges.size()) >= count) return edges;
  std::vector<Pair> rest = Remaining(froms, tos, allowed, taken);
  random.Shuffle(rest);
  for (const Pair& pair : rest) {
    if (static_cast<int>(edges.size()) >= count) break;
    if (counts[pair.first] < most) add(pair);
  }
  return edges;
}

std::vector<PlannedComment> PlanComments(const PlanOptions& options,
                                         const Plan& plan,
                                         const Allowed& may_see) {
  std::vector<PlannedComment> comments;
  if (plan.users.empty() || plan.photos.empty()) return comments;
  lab::Random order(options.seed, "comments", 0);
  const lab::Zipf users(plan.users.size(), kActivityExponent, order);
  const lab::Zipf photos(plan.photos.size(), kFameExponent, order);
  for (int i = 0; i < options.comments; ++i) {
    lab::Random random(options.seed, "comment", i);
    PlannedComment comment;
    comment.photo = photos.Draw(random);
    comment.user = users.Draw(random);
    // Owners always see their photos.
    if (!may_see(comment.user, comment.photo)) {
      comment.user = plan.photos[comment.photo].owner;
    }
    comment.text = MakeComment(random);
    comment.request_id = lab::UuidOf(fmt::format(
        "comment/{}/{}/{}/{}/{}", options.seed, i,
        plan.users[comment.user].handle,
        plan.photos[comment.photo].upload.request_id, comment.text));
    comments.push_back(std::move(comment));
  }
  return comments;
}

}  // namespace

Plan MakePlan(const PlanOptions& options) {
  Plan plan;
  plan.users = PlanUsers(options);
  plan.photos = PlanPhotos(options, plan.users);
  plan.follows =
      DrawEdges(options.follows, plan.users.size(), plan.users.size(),
                options.most_followed, lab::Random(options.seed, "follows", 0),
                [](std::size_t from, std::size_t to) { return from != to; });
  std::set<Pair> follows;
  for (const Edge& edge : plan.follows) follows.emplace(edge.from, edge.to);
  const Allowed may_see = [&](std::size_t user, std::size_t index) {
    const PlannedPhoto& photo = plan.photos[index];
    if (photo.owner == user) return true;
    if (photo.upload.visibility == v1::VISIBILITY_FOLLOWERS) {
      return follows.contains({user, photo.owner});
    }
    return photo.upload.visibility == v1::VISIBILITY_PUBLIC;
  };
  plan.likes = DrawEdges(options.likes, plan.users.size(), plan.photos.size(),
                         options.likes, lab::Random(options.seed, "likes", 0),
                         [&](std::size_t user, std::size_t photo) {
                           return plan.photos[photo].owner != user &&
                                  may_see(user, photo);
                         });
  plan.comments = PlanComments(options, plan, may_see);
  return plan;
}

}  // namespace pinhole::cli::seed
