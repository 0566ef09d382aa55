// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/client.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/s3/response_error.h"

namespace pinhole::media::s3 {
namespace {

// Of bodies of errors and listings; more is not read.
constexpr std::size_t kMaxTextBytes = 64 << 10;
// S3 stores it with the object, so that a later attempt can compare.
constexpr char kDigestHeader[] = "x-amz-meta-sha256";

}  // namespace

Client::Client(Bucket bucket, const Credentials& credentials,
               ClientOptions options)
    : bucket_(std::move(bucket)),
      options_(options),
      signer_(credentials, bucket_.region) {}

absl::Status Client::Check() {
  RETURN_IF_ERROR(SendWhole({.method = "GET",
                             .path = bucket_.root.empty() ? "/" : bucket_.root,
                             .query = {{"list-type", "2"},
                                       {"max-keys", "1"},
                                       {"prefix", bucket_.prefix}}})
                      .status());
  const std::string key = fmt::format("check-{}", RandomId());
  RETURN_IF_ERROR(SendWhole({.method = "PUT", .path = PathOf(key)}).status());
  const absl::Status read = SizeBytes(key).status();
  RETURN_IF_ERROR(Delete(key));
  return read;
}

absl::Status Client::Put(std::string_view key, File& file, const Digest& digest,
                         std::string_view content_type) {
  ASSIGN_OR_RETURN(const std::int64_t size_bytes, file.SizeBytes());
  const std::string text = ToHex(digest);
  const Call put{.method = "PUT",
                 .path = PathOf(key),
                 .headers = {{"content-type", std::string(content_type)},
                             {"if-none-match", "*"},
                             {kDigestHeader, text}},
                 .body = &file,
                 .body_bytes = size_bytes,
                 .body_digest = digest};
  const absl::Status stored = SendWhole(put).status();
  if (!absl::IsAlreadyExists(stored)) return stored;
  ASSIGN_OR_RETURN(const HttpResponse existing,
                   SendWhole({.method = "HEAD", .path = PathOf(key)}));
  return existing.Header(kDigestHeader) == text ? absl::OkStatus() : stored;
}

absl::StatusOr<std::int64_t> Client::SizeBytes(std::string_view key) {
  ASSIGN_OR_RETURN(const HttpResponse response,
                   SendWhole({.method = "HEAD", .path = PathOf(key)}));
  return response.ContentLength();
}

absl::Status Client::Delete(std::string_view key) {
  const absl::Status removed =
      SendWhole({.method = "DELETE", .path = PathOf(key)}).status();
  // Some servers report a missing object.
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

std::string Client::PresignedUrl(std::string_view key,
                                 absl::Duration lifetime) const {
  return bucket_.origin +
         signer_.Presign(
             {.method = "GET", .host = bucket_.host, .path = PathOf(key)},
             absl::Now(), lifetime);
}

absl::Time Client::Deadline() const { return absl::Now() + options_.deadline; }

bool Client::BackOff(int repetition, absl::Time deadline) const {
  constexpr int kMaxDoublings = 4;
  absl::Duration delay =
      options_.backoff * (1 << std::min(repetition, kMaxDoublings));
  // Between a half and the whole, so that requests that failed together are not
  // repeated together.
  constexpr int kSteps = 1024;
  delay -= delay / 2 * (static_cast<double>(RandomNumber() % kSteps) / kSteps);
  if (absl::Now() + delay >= deadline) return false;
  absl::SleepFor(delay);
  return true;
}

absl::StatusOr<Client::Answer> Client::Send(const Call& call,
                                            absl::Time deadline) {
  for (int repetition = 0;; ++repetition) {
    absl::StatusOr<Answer> answer = SendOnce(call, deadline);
    if (!absl::IsUnavailable(answer.status()) ||
        !BackOff(repetition, deadline)) {
      return answer;
    }
  }
}

absl::StatusOr<Client::Answer> Client::SendOnce(const Call& call,
                                                absl::Time deadline) {
  UnsignedRequest unsigned_request{.method = call.method,
                                   .host = bucket_.host,
                                   .path = call.path,
                                   .query = call.query,
                                   .headers = call.headers,
                                   .payload_sha256 = ToHex(call.body_digest)};
  unsigned_request.headers.emplace_back("x-amz-content-sha256",
                                        unsigned_request.payload_sha256);
  const Fields added = signer_.Sign(unsigned_request, absl::Now());
  HttpRequest request{.method = call.method,
                      .url = bucket_.origin + EncodePath(call.path),
                      .headers = std::move(unsigned_request.headers),
                      .body = call.body,
                      .body_bytes = call.body_bytes};
  request.headers.insert(request.headers.end(), added.begin(), added.end());
  if (!call.query.empty()) request.url += "?" + EncodeQuery(call.query);

  std::unique_ptr<Connection> connection = TakeConnection();
  absl::StatusOr<HttpResponse> response = connection->Send(request, deadline);
  if (absl::IsUnavailable(response.status())) {
    return absl::UnavailableError(
        fmt::format("the request to S3 at {} failed: {}", bucket_.host,
                    std::string(response.status().message())));
  }
  if (!response.ok()) return std::move(response).status();
  constexpr int kFirstError = 300;
  if (response->status < kFirstError) {
    return Answer{*std::move(response), std::move(connection)};
  }
  const absl::StatusOr<std::string> text =
      connection->Read(kMaxTextBytes, deadline);
  Return(std::move(connection));
  return ErrorOf(*response, text.ok() ? *text : std::string(), bucket_.name,
                 bucket_.region);
}

absl::StatusOr<HttpResponse> Client::SendWhole(const Call& call) {
  const absl::Time deadline = Deadline();
  ASSIGN_OR_RETURN(Answer answer, Send(call, deadline));
  // The request was successful, so the rest only decides whether the connection
  // can be used again.
  answer.connection->Read(kMaxTextBytes, deadline).IgnoreError();
  Return(std::move(answer.connection));
  return std::move(answer.response);
}

std::unique_ptr<Connection> Client::TakeConnection() {
  {
    const absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      // The one used last is the least likely to have been closed by S3.
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return std::make_unique<Connection>(options_.times);
}

void Client::Return(std::unique_ptr<Connection> connection) {
  if (!connection->is_idle()) return;
  const absl::MutexLock lock(&mutex_);
  if (idle_.size() < options_.max_idle_connections) {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace pinhole::media::s3
