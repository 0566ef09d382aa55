// SPDX-License-Identifier: Apache-2.0

// Names, captions and comments of seeded users.

#pragma once

#include <string>

#include "client/cli/seed/picture.h"
#include "client/lab/core/random.h"

namespace pinhole::cli::seed {

struct Person {
  std::string handle;  // At most 22 characters, not unique.
  std::string display_name;
};

Person MakePerson(lab::Random& random);

// A caption that fits the scene; without a scene, one that fits any photo.
std::string MakeCaption(lab::Random& random, Scene scene);
std::string MakeCaption(lab::Random& random);
std::string MakeAltText(Scene scene);

std::string MakeComment(lab::Random& random);

}  // namespace pinhole::cli::seed
