// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/seed/canvas.h"

namespace pinhole::cli::seed {

// What a generated picture shows.
enum class Scene { kHills, kLake, kCity, kSea, kLights };

Scene SceneOf(std::uint64_t picture_seed);

// Paints the picture of a seed: the same one each time, and a different one for
// each seed.  Upright, square or wide.
Canvas Paint(std::uint64_t picture_seed);

// The canvas as a JPEG file.  Errors: INTERNAL if the encoder fails.
absl::StatusOr<std::string> EncodeJpeg(const Canvas& canvas);

}  // namespace pinhole::cli::seed
