// SPDX-License-Identifier: Apache-2.0

// multipart/form-data (RFC 7578), what `curl -F` and browsers' forms send.
//
//   --BOUNDARY CRLF  headers CRLF CRLF  data  CRLF
//   --BOUNDARY CRLF  ...                      CRLF
//   --BOUNDARY-- CRLF

#ifndef PINHOLE_GATEWAY_HTTP_MULTIPART_H_
#define PINHOLE_GATEWAY_HTTP_MULTIPART_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace pinhole::gateway {

// The boundary that a Content-Type names; nothing if it has none, or none that
// RFC 2046 allows (1 to 70 characters).
std::optional<std::string> FindBoundary(std::string_view content_type);

// What a part says of itself.
struct FormPart {
  std::string name;
  bool is_file = false;  // It has a file name, whatever that is.
  std::string content_type;
  std::string transfer_encoding;  // Lower case.
};

// Takes a form apart as it comes, in memory that does not grow with it: what it
// holds is at most what was fed last, and a part's headers.  Bytes of data are
// handed on without a copy where a piece has nothing else.
class MultipartParser {
 public:
  static constexpr std::size_t kMaxPartHeaders = 8 * 1024;  // Bytes.
  static constexpr int kMaxParts = 32;
  // Of text around the parts, which nobody reads.
  static constexpr std::size_t kMaxAround = 8 * 1024;

  explicit MultipartParser(std::string_view boundary);

  enum class Event {
    kHungry,   // Nothing more in what was fed.
    kPart,     // `part` begins.
    kData,     // `TakeData` has the next bytes of it.
    kPartEnd,  // It is over.
    kEnd,      // So is the form.
  };
  // Errors: INVALID_ARGUMENT (not a form, or beyond the limits above); nothing
  // may be asked after one.
  absl::StatusOr<Event> Next();

  // The next bytes; only when hungry.
  void Feed(std::string bytes);

  const FormPart& part() const { return part_; }
  std::string TakeData() { return std::move(data_); }
  // Whether the last boundary has come.
  bool ended() const { return state_ == State::kAfter; }

 private:
  enum class State { kBefore, kBoundary, kHeaders, kData, kAfter };

  // Nothing: go on in the new state.
  absl::StatusOr<std::optional<Event>> Step();
  absl::StatusOr<std::optional<Event>> EndBoundary();
  absl::StatusOr<std::optional<Event>> TakeHeaders();
  Event TakeUntilBoundary();
  absl::Status Skip(std::size_t size);

  const std::string delimiter_;  // CRLF -- BOUNDARY
  State state_ = State::kBefore;
  std::string buffer_;
  std::string data_;
  FormPart part_;
  int parts_ = 0;
  std::size_t skipped_ = 0;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_MULTIPART_H_
