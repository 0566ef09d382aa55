// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/download_handler.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "gateway/http/disposition.h"
#include "gateway/http/entity_tag.h"
#include "gateway/transcode/raw_body.h"
#include "google/rpc/code.pb.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

// Returns the requested range if the method can start at an offset.
std::optional<RequestedRange> FindRange(const RequestHead& head,
                                        const RawFields& raw) {
  // RFC 9110 defines ranges for GET only.
  if (head.method != "GET" || raw.offset == nullptr) return std::nullopt;
  const auto is_range = [](const auto& header) {
    return header.first == "range";
  };
  const auto& headers = head.headers;
  if (std::count_if(headers.begin(), headers.end(), is_range) != 1) {
    return std::nullopt;  // Multiple ranges are not supported.
  }
  return ParseRange(head.Header("range"));
}

// Whether the client can get the bytes from another host.  It repeats its
// headers there, where If-Match would name an unknown version, and a URI that
// is signed for GET permits only that.  Scripts of pages are not redirected:
// the other host would have to permit their origin.
bool CanBeRedirected(const RequestHead& head) {
  const std::string_view mode = head.Header("sec-fetch-mode");
  return head.method == "GET" && head.Header("if-match").empty() &&
         mode != "cors" && mode != "same-origin";
}

}  // namespace

asio::awaitable<void> DownloadHandler::Run(MessagePtr request) {
  const RawFields& raw = route_.raw_response;
  if (raw.accept_redirect != nullptr && CanBeRedirected(head_) &&
      !request->GetReflection()->HasField(*request, raw.accept_redirect)) {
    request->GetReflection()->SetBool(request.get(), raw.accept_redirect, true);
  }
  if (raw.offset != nullptr &&
      request->GetReflection()->GetInt64(*request, raw.offset) != 0) {
    const absl::Status status =
        InvalidField(raw.offset->name(), "is given by the Range header");
    co_await exchange_.Refuse(status);
    co_return;
  }
  // Most ranges name their first byte, so one call is usually enough.  A suffix
  // range needs a second call, which then knows the size.
  auto range = FindRange(head_, raw);
  const std::uint64_t begin = range ? range->first.value_or(0) : 0;
  auto download = co_await Open(*request, begin);
  if (!download) co_return;
  const DownloadHead head = download->head;
  if (!MeetsIfMatch(head_, head.etag)) {
    co_await RefuseTag(head.etag);
    co_return;
  }
  const bool known = MatchesEtag(head_.Header("if-none-match"), head.etag);
  if (!known && !head.redirect_uri.empty()) {
    co_await Redirect(head.redirect_uri);
    co_return;
  }
  if (known || !head.size ||
      !MatchesIfRange(head_.Header("if-range"), head.etag)) {
    range.reset();
  }
  std::optional<ByteSpan> part;
  if (range) {
    part = Resolve(*range, *head.size);
    if (!part) {
      co_await RefuseRange(head.size);
      co_return;
    }
  }
  const std::uint64_t offset = part ? part->offset : 0;
  if (!known && offset != begin) {
    download.reset();
    download = co_await Open(*request, offset);
    if (!download) co_return;
    if (download->head.etag != head.etag || download->head.size != head.size) {
      const absl::Status status = MakeError(
          Reason::kFileChanged, "the file changed just now; try again");
      co_await exchange_.Refuse(status);
      co_return;
    }
  }
  co_await SendResponse(*std::move(download), part);
}

asio::awaitable<std::optional<DownloadHandler::Download>> DownloadHandler::Open(
    const google::protobuf::Message& request, std::uint64_t offset) {
  MessagePtr copy(request.New());
  copy->CopyFrom(request);
  if (offset != 0) {
    copy->GetReflection()->SetInt64(copy.get(), route_.raw_response.offset,
                                    static_cast<std::int64_t>(offset));
  }
  CallHeaders headers = exchange_.MakeHeaders(absl::InfiniteDuration());
  Download download;
  download.stream = context_.upstream.ServerStreaming(
      *route_.method, std::move(headers), std::move(copy));
  auto first = co_await exchange_.Read(*download.stream);
  if (!first) {
    co_await exchange_.AnswerAbort();
    co_return std::nullopt;
  }
  if (first->message == nullptr && first->status.code() != 0) {
    if (offset != 0 && first->status.code() == google::rpc::OUT_OF_RANGE) {
      co_await RefuseRange(std::nullopt);
    } else {
      co_await exchange_.SendError(first->status);
    }
    co_return std::nullopt;
  }
  absl::StatusOr<DownloadHead> head =
      absl::InternalError("the answer has no head");
  if (first->message != nullptr) {
    head = GetDownloadHead(route_, *first->message);
  } else if (route_.raw_response.http_body) {
    head = DownloadHead();  // An empty stream is an empty file.
  }
  if (!head.ok()) {
    co_await exchange_.Refuse(head.status());
    co_return std::nullopt;
  }
  download.first = std::move(first->message);
  download.head = *std::move(head);
  co_return download;
}

asio::awaitable<void> DownloadHandler::RefuseRange(
    std::optional<std::uint64_t> size) {
  HeaderList more;
  std::string rule = "must begin before the end of the file";
  if (size) {
    more.emplace_back("Content-Range", fmt::format("bytes */{}", *size));
    rule += fmt::format(", which has {} bytes", *size);
  }
  google::rpc::Status status =
      ToProto(InvalidField("Range", rule, Reason::kRangeNotSatisfiable));
  co_await exchange_.SendError(std::move(status), Refusal::kRange,
                               std::move(more));
}

asio::awaitable<void> DownloadHandler::RefuseTag(const std::string& etag) {
  HeaderList more;
  if (!etag.empty()) more.emplace_back("ETag", etag);
  google::rpc::Status status = ToProto(InvalidField(
      "If-Match", "names another version of the bytes", Reason::kEtagMismatch));
  co_await exchange_.SendError(std::move(status), Refusal::kPrecondition,
                               std::move(more));
}

asio::awaitable<void> DownloadHandler::Redirect(const std::string& uri) {
  Response response;
  response.code = 307;
  response.headers.emplace_back("Location", uri);
  // The URI expires, and so can the permission to read the bytes.
  response.headers.emplace_back("Cache-Control", "no-store");
  co_await exchange_.Send(std::move(response));
}

asio::awaitable<void> DownloadHandler::SendResponse(
    Download download, std::optional<ByteSpan> part) {
  const DownloadHead& head = download.head;
  Response response;
  HeaderList& headers = response.headers;
  if (head.etag.empty()) {
    headers.emplace_back("Cache-Control", "no-store");
  } else {
    // The bytes of a tag never change, but the permission to read them does.
    headers.emplace_back("ETag", head.etag);
    headers.emplace_back("Cache-Control", "private, max-age=3600, immutable");
  }
  headers.emplace_back("Vary", "Authorization");
  if (MatchesEtag(head_.Header("if-none-match"), head.etag)) {
    response.code = 304;
    co_await exchange_.Send(std::move(response));
    co_return;
  }
  AddContentHeaders(head.content_type, &headers);
  std::optional<std::uint64_t> length = head.size;
  if (route_.raw_response.offset != nullptr && head.size) {
    headers.emplace_back("Accept-Ranges", "bytes");
  }
  if (part) {
    response.code = 206;
    length = part->length;
    headers.emplace_back(
        "Content-Range",
        fmt::format("bytes {}-{}/{}", part->offset,
                    part->offset + part->length - 1, *head.size));
  }
  const bool begun = co_await exchange_.Begin(std::move(response), length);
  if (!begun || exchange_.IsHead()) co_return;
  const bool to_the_end = !part || part->offset + part->length == *head.size;
  const bool sent =
      co_await SendPieces(std::move(download), length, to_the_end);
  if (sent) co_return;
  // Only a closed connection tells the client that bytes are missing.
  exchange_.Abandon();
}

asio::awaitable<bool> DownloadHandler::SendPieces(
    Download download, std::optional<std::uint64_t> length, bool to_the_end) {
  std::uint64_t sent = 0;
  std::string scratch;
  MessagePtr message = std::move(download.first);
  while (message != nullptr) {
    std::string_view piece = GetDownloadChunk(route_, *message, &scratch);
    if (length && piece.size() > *length - sent) {
      if (to_the_end) co_return false;
      piece = piece.substr(0, *length - sent);
    }
    sent += piece.size();
    const bool last = !to_the_end && sent == *length;
    // Reads the next piece while this one is sent.
    if (!last) download.stream->Read(inbox_.ReplyReceiver());
    const bool ok = co_await connection_.SendPiece(piece);
    if (!ok || last) co_return ok;
    auto reply = co_await exchange_.AwaitReply();
    if (!reply) co_return false;
    if (reply->message == nullptr && reply->status.code() != 0) {
      co_return false;
    }
    message = std::move(reply->message);
  }
  if (sent != length.value_or(sent)) co_return false;
  co_return co_await connection_.EndPieces();
}

}  // namespace pinhole::gateway
