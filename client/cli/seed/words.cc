// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/words.h"

#include "absl/strings/ascii.h"
#include "fmt/format.h"

namespace pinhole::cli::seed {
namespace {

constexpr const char* kFirstNames[] = {
    "Ada",  "Amir",  "Anna",  "Ben",   "Bruno", "Chloe", "Dana",  "Diego",
    "Elif", "Emma",  "Felix", "Fatou", "Grace", "Hana",  "Hugo",  "Ines",
    "Ivan", "Jonas", "Jun",   "Kai",   "Kofi",  "Lars",  "Lena",  "Lucia",
    "Maja", "Marco", "Mei",   "Mila",  "Nadia", "Nils",  "Noor",  "Olga",
    "Omar", "Paul",  "Petra", "Priya", "Rosa",  "Ravi",  "Sara",  "Sofia",
    "Theo", "Tomas", "Uma",   "Vera",  "Wanda", "Yara",  "Yusuf", "Zoe"};
constexpr const char* kLastNames[] = {
    "Adams",   "Arbus",   "Berg",   "Bauer",  "Costa",  "Cohen", "Dubois",
    "Evans",   "Fischer", "Garcia", "Haddad", "Hansen", "Ito",   "Jansen",
    "Khan",    "Kimura",  "Kowal",  "Lange",  "Lopez",  "Maier", "Mensah",
    "Moreau",  "Nielsen", "Novak",  "Okafor", "Olsen",  "Park",  "Patel",
    "Pereira", "Rossi",   "Santos", "Sato",   "Silva",  "Singh", "Smith",
    "Sokolov", "Tanaka",  "Torres", "Vogel",  "Weber",  "Wong",  "Yilmaz"};
constexpr const char* kPlaces[] = {
    "up north",          "by the coast",
    "near the old mill", "after the storm",
    "on the way home",   "before breakfast",
    "with old friends",  "in the middle of nowhere",
    "last weekend",      "one stop too far",
    "above the clouds",  "where the road ends"};
constexpr const char* kAnyCaptions[] = {
    "No filter",       "Worth the walk", "Could not resist",
    "Found this",      "A good day",     "Still thinking about this one",
    "From the archive"};
constexpr const char* kComments[] = {
    "Beautiful!",
    "What a light.",
    "Where is this?",
    "I can almost smell the air.",
    "This one goes on the wall.",
    "The colours!",
    "Love it.",
    "Which lens did you use?",
    "Take me there.",
    "So calm.",
    "You were lucky with the weather.",
    "I was there last year, it rained all day.",
    "Great composition.",
    "More of these, please.",
    "Wow.",
    "My new wallpaper, thank you!",
    "How early did you get up for this?",
    "Reminds me of home."};

struct SceneWords {
  const char* captions[4];
  const char* alt_text;
};

const SceneWords& WordsOf(Scene scene) {
  static constexpr SceneWords kHills = {
      {"Sunset", "Last light", "Golden hour", "Hills behind hills"},
      "Layers of hills under a low sun"};
  static constexpr SceneWords kLake = {
      {"Mirror", "Still water", "The lake", "Morning at the lake"},
      "Mountains mirrored in a lake"};
  static constexpr SceneWords kCity = {
      {"City lights", "Late again", "The city never sleeps", "Night shift"},
      "Lit windows of a city at night"};
  static constexpr SceneWords kSea = {
      {"Moon over the sea", "Night swim?", "Silver path", "Low tide"},
      "The moon over a calm sea"};
  static constexpr SceneWords kLights = {
      {"Out of focus", "Lights", "Rainy evening", "Fair ground"},
      "Blurred coloured lights in the dark"};
  switch (scene) {
    case Scene::kHills:
      return kHills;
    case Scene::kLake:
      return kLake;
    case Scene::kCity:
      return kCity;
    case Scene::kSea:
      return kSea;
    case Scene::kLights:
      return kLights;
  }
  return kHills;
}

}  // namespace

Person MakePerson(lab::Random& random) {
  const std::string first = random.Pick(kFirstNames);
  const std::string last = random.Pick(kLastNames);
  std::string handle =
      fmt::format("{}{}{}", first, random.Chance(0.5) ? "." : "_", last);
  if (random.Chance(0.4)) handle += fmt::format("{:02}", random.Below(100));
  absl::AsciiStrToLower(&handle);
  return {handle, fmt::format("{} {}", first, last)};
}

std::string MakeCaption(lab::Random& random, Scene scene) {
  if (random.Chance(0.1)) return "";
  const std::string what = random.Pick(WordsOf(scene).captions);
  if (random.Chance(0.3)) return what;
  return fmt::format("{} {}", what, random.Pick(kPlaces));
}

std::string MakeCaption(lab::Random& random) {
  if (random.Chance(0.1)) return "";
  const std::string what = random.Pick(kAnyCaptions);
  return fmt::format("{}, {}", what, random.Pick(kPlaces));
}

std::string MakeAltText(Scene scene) { return WordsOf(scene).alt_text; }

std::string MakeComment(lab::Random& random) { return random.Pick(kComments); }

}  // namespace pinhole::cli::seed
