// SPDX-License-Identifier: Apache-2.0

// The HTTP/1.1 front: whatever arrives, in pieces of whatever size, it says the
// same.  Were it not so, the network could smuggle one request into another.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>

#include "fmt/format.h"
#include "gateway/http/request_parser.h"

namespace pinhole::gateway {
namespace {

constexpr std::size_t kHeaderBytes = 1024;
constexpr char kRefused[] = "refused\n";

// Feeds all of `bytes` in pieces of at most `piece`; what came of it.
class Reading {
 public:
  Reading(std::string_view bytes, std::size_t piece)
      : rest_(bytes), piece_(piece) {}

  std::string Run() {
    while (ReadHead() && ReadBody()) {
    }
    return said_;
  }

 private:
  using Result = RequestParser::Result;

  bool Feed() {
    if (rest_.empty()) return false;
    const auto room = parser_.Room();
    if (room.empty()) std::abort();  // It would never go on.
    const std::size_t size = std::min({room.size(), piece_, rest_.size()});
    std::memcpy(room.data(), rest_.data(), size);
    rest_.remove_prefix(size);
    parser_.Arrived(size);
    return true;
  }

  bool ReadHead() {
    RequestParser::Head parsed;
    do {
      if (!parser_.empty() || fed_) parsed = parser_.ParseHead();
      fed_ = parsed.result == Result::kMore && Feed();
    } while (fed_);
    if (parsed.result == Result::kRefused) said_ += kRefused;
    if (parsed.result != Result::kDone) return false;
    said_ += fmt::format("{} {}\n", parsed.head.method, parsed.head.target);
    for (const auto& [name, value] : parsed.head.headers) {
      if (value.find_first_of(std::string_view("\r\n\0", 3)) !=
          std::string::npos) {
        std::abort();
      }
      said_ += fmt::format("{}: {}\n", name, value);
    }
    return true;
  }

  bool ReadBody() {
    char out[100];
    while (!parser_.at_end()) {
      const auto parsed = parser_.ParseBody(out);
      said_.append(out, parsed.size);
      if (parsed.result == Result::kRefused) {
        said_ += kRefused;
        return false;
      }
      if (parsed.result == Result::kMore && !Feed()) return false;
    }
    said_ += "end\n";
    return parser_.keep_alive();
  }

  RequestParser parser_{kHeaderBytes};
  std::string_view rest_;
  const std::size_t piece_;
  std::string said_;
  bool fed_ = false;
};

// Whether the one differs from the other only in that it still waits, at the
// end of the input: for bytes that would tell that it must be refused, or for
// what comes after the beginning of a chunk.  A chunk's line that arrives in
// two pieces is looked at again when there are as many bytes as a last chunk
// has.
bool StillWaits(const std::string& one, const std::string& other) {
  constexpr std::size_t kLastChunk = 5;
  return other == one + kRefused || (other.substr(0, one.size()) == one &&
                                     other.size() - one.size() < kLastChunk);
}

int Compare(std::string_view bytes, std::size_t piece) {
  const std::string whole = Reading(bytes, bytes.size() + 1).Run();
  const std::string pieces = Reading(bytes, piece).Run();
  if (StillWaits(whole, pieces) || StillWaits(pieces, whole)) return 0;
  std::cerr << "whole:\n" << whole << "\nin pieces:\n" << pieces << std::endl;
  std::abort();
}

}  // namespace
}  // namespace pinhole::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  // The first byte says how large the pieces are.
  return pinhole::gateway::Compare(
      {reinterpret_cast<const char*>(data) + 1, size - 1}, data[0] % 16 + 1u);
}
