// SPDX-License-Identifier: Apache-2.0

// A parser for multipart/form-data (RFC 7578), which browsers and `curl -F`
// send.
//
//   --BOUNDARY CRLF  headers CRLF CRLF  data  CRLF
//   --BOUNDARY CRLF  ...                      CRLF
//   --BOUNDARY-- CRLF

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace pinhole::gateway {

// Returns the boundary of a Content-Type; nothing if it is missing or not
// allowed by RFC 2046 (1 to 70 characters).
std::optional<std::string> FindBoundary(std::string_view content_type);

// The headers of a part.
struct FormPart {
  std::string name;
  bool is_file = false;  // It has a file name.
  std::string content_type;
  std::string transfer_encoding;  // Lower case.
};

// Parses a form incrementally.  Memory is bounded by the last piece and the
// headers of one part.  Data is passed on without a copy where possible.
class MultipartParser {
 public:
  static constexpr std::size_t kMaxPartHeaders = 8 * 1024;  // Bytes.
  static constexpr int kMaxParts = 32;
  // Ignored text around the parts, in bytes.
  static constexpr std::size_t kMaxAround = 8 * 1024;

  explicit MultipartParser(std::string_view boundary);

  enum class Event {
    kNeedMore,  // Call `Feed`.
    kPart,      // `part` begins.
    kData,      // `TakeData` returns the next bytes.
    kPartEnd,   // The part ends.
    kEnd,       // The form ends.
  };
  // Errors: INVALID_ARGUMENT (the bytes are not a form, or exceed the limits
  // above); there must be no further call after an error.
  absl::StatusOr<Event> Next();

  // Adds the next bytes.  Allowed only after kNeedMore.
  void Feed(std::string bytes);

  const FormPart& part() const { return part_; }
  std::string TakeData() { return std::move(data_); }
  // Whether the last boundary has arrived.
  bool ended() const { return state_ == State::kAfter; }

 private:
  enum class State { kBefore, kBoundary, kHeaders, kData, kAfter };

  // Returns nothing to continue in the new state.
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
