// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/disposition.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/ascii.h"
#include "pinhole/v1/content_type.h"

namespace pinhole::gateway {
namespace {

// Types without scripts or references.  SVG, PDF and HTML can have both, with
// the rights of this origin.
constexpr std::array<std::string_view, 18> kInert = {
    "image/jpeg", "image/png",  "image/gif",  "image/webp", "image/avif",
    "image/heic", "image/heif", "image/jxl",  "image/bmp",  "image/tiff",
    "audio/mpeg", "audio/ogg",  "audio/wav",  "audio/mp4",  "video/mp4",
    "video/webm", "video/ogg",  "text/plain",
};

bool IsMediaType(std::string_view type) {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  const std::size_t slash = type.find('/');
  return slash != 0 && slash + 1 < type.size() &&
         std::count(type.begin(), type.end(), '/') == 1 &&
         std::all_of(type.begin(), type.end(), [&](char c) {
           return c == '/' ||
                  absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  kTokenMarks.find(c) != std::string_view::npos;
         });
}

}  // namespace

void AddContentHeaders(const std::string& content_type, HeaderList* headers) {
  const std::string type = v1::MediaType(content_type);
  const bool known =
      IsMediaType(type) &&
      std::all_of(content_type.begin(), content_type.end(), [](char c) {
        return absl::ascii_isprint(static_cast<unsigned char>(c));
      });
  const bool inert =
      known && std::find(kInert.begin(), kInert.end(), type) != kInert.end();
  headers->emplace_back("Content-Type",
                        known ? content_type : "application/octet-stream");
  headers->emplace_back("Content-Disposition", inert ? "inline" : "attachment");
  headers->emplace_back("Content-Security-Policy",
                        "default-src 'none'; sandbox");
}

}  // namespace pinhole::gateway
