// SPDX-License-Identifier: Apache-2.0

// The limits that the API documents.  Characters are Unicode code points.

#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace pinhole::limits {

inline constexpr std::int64_t kMaxPhotoBytes = 20 * 1024 * 1024;
// 64 Mi: cameras of phones have up to 50 million pixels, others 61 million.
inline constexpr std::int64_t kMaxPhotoPixels = 64 * 1024 * 1024;
inline constexpr std::int32_t kMaxPhotoSide = 16'384;
inline constexpr std::int32_t kMaxChunkBytes = 256 * 1024;

inline constexpr std::int32_t kMinHandleCharacters = 3;
inline constexpr std::int32_t kMaxHandleCharacters = 30;
inline constexpr std::int32_t kMaxDisplayNameCharacters = 50;
inline constexpr std::int32_t kMaxBioCharacters = 500;
inline constexpr std::int32_t kMaxCaptionCharacters = 2000;
inline constexpr std::int32_t kMaxAltTextCharacters = 1000;
inline constexpr std::int32_t kMaxCommentCharacters = 1000;
inline constexpr std::int32_t kMinPasswordBytes = 8;
inline constexpr std::int32_t kMaxPasswordBytes = 128;

inline constexpr std::int32_t kDefaultPageSize = 20;
inline constexpr std::int32_t kMaxPageSize = 100;
inline constexpr std::int32_t kMaxFollowing = 7500;
inline constexpr std::int32_t kMaxBlocks = 1000;
inline constexpr std::int32_t kMaxImportUsers = 1000;
inline constexpr std::int32_t kMaxUserUploads = 8;  // Concurrent.

inline constexpr absl::Duration kSessionIdle = absl::Hours(30 * 24);
inline constexpr absl::Duration kSessionLifetime = absl::Hours(90 * 24);
inline constexpr absl::Duration kRequestIdRetention = absl::Hours(24);
// How long the files of an upload that did not become a photo can stay.
inline constexpr absl::Duration kUploadGrace = absl::Hours(24);
// How long the handle of a deleted account stays reserved.
inline constexpr absl::Duration kHandleReservation = absl::Hours(30 * 24);

}  // namespace pinhole::limits
