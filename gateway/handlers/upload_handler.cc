// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/upload_handler.h"

#include <limits>
#include <utility>

#include "absl/strings/str_join.h"
#include "fmt/format.h"
#include "gateway/exchange/reply.h"
#include "gateway/handlers/make_call.h"
#include "gateway/http/compression.h"
#include "gateway/transcode/raw_body.h"
#include "pinhole/v1/content_type.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

using Result = UploadBody::Read::Result;

constexpr char kForm[] = "multipart/form-data";

// Returns the media type of the file, empty if `stated` does not specify one.
// Errors: INVALID_ARGUMENT, naming `field`.
absl::StatusOr<std::string> CheckType(const Route& route,
                                      std::string_view stated,
                                      std::string_view field) {
  if (v1::IsUnspecific(stated)) return std::string();
  std::string type = v1::MediaType(stated);
  const v1::RawBody& option =
      route.method->options().GetExtension(v1::raw_request);
  if (!v1::MayBeAccepted(type, option)) {
    return InvalidField(
        field, fmt::format("must be one of {}", v1::AcceptedTypes(option)),
        Reason::kUnsupportedType);
  }
  if (!option.content_types().empty()) return type;
  if (type == "application/json") {
    return InvalidField(field,
                        "must be the media type of the file, whose bytes are "
                        "the body; everything else goes into the query",
                        Reason::kUnsupportedMediaType);
  }
  return type;
}

absl::Status CheckLength(std::uint64_t length, std::uint64_t most) {
  // No message can carry more.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  most = most == 0 ? kMost : most;
  if (length <= most) return absl::OkStatus();
  return InvalidField("body", fmt::format("must be at most {} bytes", most),
                      Reason::kTooManyBytes);
}

}  // namespace

asio::awaitable<void> UploadHandler::Run(const std::vector<std::string>& values,
                                         std::string_view query) {
  if (ContentEncoding(head_) != Encoding::kIdentity) {
    co_await exchange_.RefuseEncoding("identity");
    co_return;
  }
  // A google.api.HttpBody takes a form as it is.
  if (!route_.raw_request.http_body &&
      v1::MediaType(head_.Header("content-type")) == kForm) {
    co_await UploadForm(query);
  } else {
    co_await UploadBytes(values, query);
  }
}

asio::awaitable<void> UploadHandler::UploadBytes(
    const std::vector<std::string>& values, std::string_view query) {
  const RawFields& raw = route_.raw_request;
  const std::string_view stated = head_.Header("content-type");
  absl::StatusOr<std::string> type = std::string(stated);
  if (!raw.http_body) type = CheckType(route_, stated, "Content-Type");
  if (!type.ok()) {
    co_await RefuseUpload(type.status(), Refusal::kMediaType);
    co_return;
  }
  const bool whole = !route_.method->client_streaming();
  UploadBody::Limits limits;
  limits.piece_bytes = context_.limits.chunk_bytes;
  limits.max_bytes = whole ? context_.limits.http_body_bytes : raw.max_bytes;
  const absl::Status length =
      CheckLength(head_.content_length.value_or(0), limits.max_bytes);
  if (!length.ok()) {
    co_await RefuseUpload(length, Refusal::kBodyTooLarge);
    co_return;
  }
  auto first =
      MakeUploadHead(route_, values, query, *type, head_.content_length);
  if (!first.ok()) {
    co_await exchange_.Refuse(first.status());
    co_return;
  }
  UploadBody body(connection_, limits);
  if (whole) {
    co_await SendWhole(*std::move(first), body);
  } else {
    const auto stream = BeginUpload();
    co_await SendUpload(*stream, *std::move(first), body);
  }
}

asio::awaitable<void> UploadHandler::UploadForm(std::string_view query) {
  const RawFields& raw = route_.raw_request;
  const auto boundary = FindBoundary(head_.Header("content-type"));
  if (!boundary) {
    const absl::Status status =
        InvalidField("Content-Type",
                     "must have a boundary of 1 to 70 characters, in quotes "
                     "if it has marks");
    co_await exchange_.Refuse(status);
    co_return;
  }
  const std::uint64_t most =
      raw.max_bytes == 0 ? 0 : raw.max_bytes + UploadBody::kMaxFormRest;
  const absl::Status length =
      CheckLength(head_.content_length.value_or(0), most);
  if (!length.ok()) {
    co_await RefuseUpload(length, Refusal::kBodyTooLarge);
    co_return;
  }
  // Reports errors in the query before the call starts.
  const auto probe = MakeUploadHead(route_, {}, query, "", std::nullopt);
  if (!probe.ok()) {
    co_await exchange_.Refuse(probe.status());
    co_return;
  }
  // Starts before the form is read, because the server may refuse the caller.
  const auto stream = BeginUpload();
  // The metadata of the file is part of the body, so the client must send it
  // now.
  if (head_.expects_continue && !co_await connection_.SendContinue()) co_return;
  UploadBody::Limits limits;
  limits.piece_bytes = context_.limits.chunk_bytes;
  limits.max_bytes = raw.max_bytes;
  UploadBody body(connection_, limits, *boundary);
  const UploadBody::Read fields = co_await body.ReadFields();
  if (fields.result != Result::kData) {
    co_await EndUpload(fields);
    co_return;
  }
  const auto type =
      CheckType(route_, body.file().content_type, body.file().name);
  if (!type.ok()) {
    co_await RefuseUpload(type.status(), Refusal::kMediaType);
    co_return;
  }
  const std::string both =
      absl::StrJoin({std::string(query), body.fields()}, "&");
  auto first = MakeUploadHead(route_, {}, both, *type, std::nullopt);
  if (!first.ok()) {
    co_await exchange_.Refuse(first.status());
    co_return;
  }
  co_await SendUpload(*stream, *std::move(first), body);
}

asio::awaitable<void> UploadHandler::RefuseUpload(const absl::Status& status,
                                                  Refusal refusal) {
  HeaderList more;
  std::vector<std::string> accepted = route_.raw_request.content_types;
  if (refusal == Refusal::kMediaType && !accepted.empty()) {
    accepted.emplace_back(kForm);
    more.emplace_back("Accept", absl::StrJoin(accepted, ", "));
  }
  google::rpc::Status proto = ToProto(status);
  co_await exchange_.SendError(std::move(proto), refusal, std::move(more));
}

std::unique_ptr<RequestStream> UploadHandler::BeginUpload() {
  CallHeaders headers = exchange_.MakeHeaders(absl::InfiniteDuration());
  exchange_.SetReplyInterruptsBody(true);
  return context_.upstream.ClientStreaming(*route_.method, std::move(headers),
                                           inbox_.ReplyReceiver());
}

asio::awaitable<void> UploadHandler::SendUpload(RequestStream& stream,
                                                MessagePtr first,
                                                UploadBody& body) {
  exchange_.BeginWrite(stream, std::move(first));
  bool more = co_await exchange_.AwaitWrite();
  if (more && head_.expects_continue && !body.begun()) {
    more = co_await connection_.SendContinue();
  }
  UploadBody::Read read;
  while (more && !inbox_.reply) {
    // Reads the next piece while the last one is sent.
    read = co_await body.ReadPiece();
    if (read.result != Result::kData && read.result != Result::kEnd) break;
    more = co_await exchange_.AwaitWrite();
    if (!more || read.result == Result::kEnd) break;
    exchange_.BeginWrite(stream, MakeUploadChunk(route_, std::move(read.data)));
  }
  if (more && !inbox_.reply && read.result == Result::kEnd) {
    stream.WritesDone();
  }
  co_await EndUpload(read);
}

asio::awaitable<void> UploadHandler::EndUpload(const UploadBody::Read& last) {
  exchange_.SetReplyInterruptsBody(false);
  // The reply may be an error about the body or may have come early.
  const bool answered = inbox_.reply.has_value();
  if (!answered &&
      (last.result == Result::kBroken || last.result == Result::kRefused)) {
    co_await AnswerUpload(last);  // Destroying the stream cancels the call.
    co_return;
  }
  const auto reply = co_await exchange_.AwaitReply();
  co_await SendReplyOrAbort(exchange_, route_, reply);
}

asio::awaitable<void> UploadHandler::SendWhole(MessagePtr request,
                                               UploadBody& body) {
  if (head_.expects_continue && !co_await connection_.SendContinue()) co_return;
  // Not reserved: the announced length may be false.
  std::string bytes;
  UploadBody::Read read = co_await body.ReadPiece();
  while (read.result == Result::kData) {
    if (bytes.empty()) {
      bytes = std::move(read.data);
    } else {
      bytes += read.data;
    }
    read = co_await body.ReadPiece();
  }
  if (read.result != Result::kEnd) {
    co_await AnswerUpload(read);
    co_return;
  }
  SetUploadBytes(route_, std::move(bytes), request.get());
  co_await MakeCall(exchange_, route_, std::move(request));
}

asio::awaitable<void> UploadHandler::AnswerUpload(
    const UploadBody::Read& last) {
  // A broken connection cannot be answered.
  if (last.result == Result::kRefused) {
    co_await RefuseUpload(last.status, last.refusal);
  }
}

}  // namespace pinhole::gateway
