// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vips/vips.h>

#include <memory>

#include "absl/status/status.h"

namespace pinhole::media {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Image = std::unique_ptr<VipsImage, Unref>;

// Replaces `image` with the result of `step`, one operation of libvips. Returns
// false if the operation fails; libvips' error text is discarded, since it
// depends on the file and is never shown.
template <typename Step>
bool Apply(Image& image, Step step) {
  VipsImage* result = nullptr;
  if (step(image.get(), &result) != 0) {
    vips_error_clear();
    return false;
  }
  image.reset(result);
  return true;
}

}  // namespace pinhole::media
