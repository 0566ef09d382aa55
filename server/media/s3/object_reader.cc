// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/object_reader.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::media::s3 {

ObjectReader::ObjectReader(Client& client, std::string_view key,
                           std::int64_t offset)
    : client_(client), key_(key), offset_(offset) {}

ObjectReader::~ObjectReader() = default;

absl::StatusOr<std::unique_ptr<ObjectReader>> ObjectReader::Open(
    Client& client, std::string_view key, std::int64_t offset) {
  std::unique_ptr<ObjectReader> reader(new ObjectReader(client, key, offset));
  const absl::Status requested = reader->Request(client.Deadline());
  if (absl::IsOutOfRange(requested)) {
    ASSIGN_OR_RETURN(reader->size_bytes_, client.SizeBytes(key));
    return reader;
  }
  RETURN_IF_ERROR(requested);
  return reader;
}

absl::Status ObjectReader::Request(absl::Time deadline) {
  Client::Call call{.method = "GET", .path = client_.PathOf(key_)};
  if (offset_ > 0) {
    call.headers.emplace_back("range", fmt::format("bytes={}-", offset_));
  }
  if (!etag_.empty()) call.headers.emplace_back("if-match", etag_);
  absl::StatusOr<Client::Answer> answer = client_.Send(call, deadline);
  if (absl::IsAlreadyExists(answer.status())) {
    return absl::DataLossError("the object was replaced while it was read");
  }
  if (!answer.ok()) return std::move(answer).status();
  constexpr int kPartialContent = 206;
  if (offset_ > 0 && answer->response.status != kPartialContent) {
    return absl::FailedPreconditionError(
        "S3 ignored the Range header; check for a proxy that removes it");
  }
  ASSIGN_OR_RETURN(const std::int64_t rest, answer->response.ContentLength());
  size_bytes_ = offset_ + rest;
  etag_ = answer->response.Header("etag");
  connection_ = std::move(answer->connection);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ObjectReader::Read(std::size_t max_bytes) {
  if (offset_ >= size_bytes_) return std::string();
  const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(
      static_cast<std::int64_t>(max_bytes), size_bytes_ - offset_));
  const absl::Time deadline = client_.Deadline();
  for (int repetition = 0;; ++repetition) {
    if (connection_ == nullptr) RETURN_IF_ERROR(Request(deadline));
    absl::StatusOr<std::string> bytes = connection_->Read(wanted, deadline);
    if (bytes.ok() && bytes->size() == wanted) {
      offset_ += static_cast<std::int64_t>(wanted);
      if (offset_ == size_bytes_) client_.Return(std::move(connection_));
      return bytes;
    }
    connection_.reset();
    if (!absl::IsUnavailable(bytes.status()) ||
        !client_.BackOff(repetition, deadline)) {
      return bytes.ok() ? absl::UnavailableError("the object ended early")
                        : std::move(bytes).status();
    }
  }
}

}  // namespace pinhole::media::s3
