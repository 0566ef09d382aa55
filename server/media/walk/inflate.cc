// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/inflate.h"

#include <algorithm>
#include <array>
#include <limits>

namespace pinhole::media {

Inflater::Inflater() { running_ = inflateInit(&stream_) == Z_OK; }

Inflater::~Inflater() { inflateEnd(&stream_); }

std::size_t Inflater::Step(std::string_view& from, char* to, std::size_t room) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  // zlib does not write to its input.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  stream_.avail_in = static_cast<uInt>(std::min(from.size(), kMost));
  stream_.next_out = reinterpret_cast<Bytef*>(to);
  stream_.avail_out = static_cast<uInt>(std::min(room, kMost));
  const uInt in = stream_.avail_in;
  const uInt out = stream_.avail_out;
  running_ = inflate(&stream_, Z_NO_FLUSH) == Z_OK;
  from.remove_prefix(in - stream_.avail_in);
  return out - stream_.avail_out;
}

void Inflater::Append(std::string_view& from, std::size_t limit,
                      std::string& to) {
  constexpr std::size_t kBlock = std::size_t{64} * 1024;
  while (running_ && limit > 0) {
    const std::size_t before = to.size();
    const std::size_t room = std::min(limit, kBlock);
    to.resize(before + room);
    const std::size_t made = Step(from, to.data() + before, room);
    to.resize(before + made);
    limit -= made;
    if (made == 0 && from.empty()) return;
  }
}

std::uint64_t Inflater::Count(std::string_view& from, std::uint64_t limit) {
  std::array<char, 16384> block;
  std::uint64_t count = 0;
  while (running_ && count < limit) {
    const std::size_t made = Step(from, block.data(), block.size());
    count += made;
    if (made == 0 && from.empty()) break;
  }
  return count;
}

}  // namespace pinhole::media
