// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pinhole::media {

// Inflates a zlib stream on demand.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends to `to` what `from` inflates to, up to `limit` bytes; removes the
  // consumed bytes from `from`.  Yields fewer bytes if the stream ends or is
  // damaged, or `from` is used up.
  void Append(std::string_view& from, std::size_t limit, std::string& to);

  // As `Append`, but only returns the number of bytes.
  std::uint64_t Count(std::string_view& from, std::uint64_t limit);

 private:
  std::size_t Step(std::string_view& from, char* to, std::size_t room);

  z_stream stream_ = {};
  bool running_ = false;
};

}  // namespace pinhole::media
