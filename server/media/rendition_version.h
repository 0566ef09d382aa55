// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MEDIA_RENDITION_VERSION_H_
#define PINHOLE_SERVER_MEDIA_RENDITION_VERSION_H_

#include <cstdint>

namespace pinhole::media {

// Of what `RenderPicture` makes of an original.  To correct the renditions of
// photos that have been uploaded already, correct the code and add 1 here: the
// server rebuilds those of a lower version in the background.
//
//   0  pictures without a usable profile changed their colours
//   1  these are sRGB; the orientation in a PNG's eXIf counts wherever it is
inline constexpr std::int32_t kRenditionVersion = 1;

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_RENDITION_VERSION_H_
