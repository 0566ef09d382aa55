// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "boost/asio/awaitable.hpp"
#include "gateway/connection/connection.h"
#include "gateway/http/http_error.h"
#include "gateway/http/multipart.h"

namespace pinhole::gateway {

// Reads the bytes of an upload: the whole body, or the one file of a form.
// Keeps one piece in memory at a time.
class UploadBody {
 public:
  static constexpr std::size_t kMaxFormText =
      64 * 1024;  // Bytes, including names.
  // The maximum size of a form without its file, in bytes.
  static constexpr std::size_t kMaxFormRest =
      kMaxFormText +
      MultipartParser::kMaxParts * MultipartParser::kMaxPartHeaders +
      2 * MultipartParser::kMaxAround;

  struct Limits {
    std::size_t piece_bytes = 0;
    std::uint64_t max_bytes = 0;  // Of all pieces together; 0 means no limit.
  };
  // `connection` must outlive this object.
  UploadBody(Connection& connection, Limits limits);
  UploadBody(Connection& connection, Limits limits, std::string_view boundary);

  struct Read {
    enum class Result { kData, kEnd, kInterrupted, kBroken, kRefused };
    Result result = Result::kInterrupted;
    std::string data;
    absl::Status status;  // Set, with `refusal`, for kRefused.
    Refusal refusal = Refusal::kNone;
  };

  // For a form, reads everything before the bytes of its file and sets `fields`
  // and `file`.  Must come before `ReadPiece`.  Returns kData on success.
  boost::asio::awaitable<Read> ReadFields();
  // Reads the next bytes.
  boost::asio::awaitable<Read> ReadPiece();

  // Whether any bytes of the body have been read.
  bool begun() const { return begun_; }
  // The text parts of the form, encoded as a query string.
  const std::string& fields() const { return fields_; }
  const FormPart& file() const { return file_; }

 private:
  boost::asio::awaitable<Read> ReadBody();
  boost::asio::awaitable<Read> ReadFile();
  absl::Status TakeText(const std::string& bytes);

  Connection& connection_;
  const Limits limits_;
  std::optional<MultipartParser> form_;
  std::string fields_;
  std::size_t text_bytes_ = 0;
  FormPart file_;
  std::uint64_t total_ = 0;
  bool begun_ = false;
};

}  // namespace pinhole::gateway
