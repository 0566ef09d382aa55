// SPDX-License-Identifier: Apache-2.0

#include "gateway/handlers/upload_body.h"

#include <utility>

#include "fmt/format.h"
#include "gateway/http/uri.h"

namespace pinhole::gateway {

namespace asio = boost::asio;

namespace {

using Event = MultipartParser::Event;
using Result = UploadBody::Read::Result;

UploadBody::Read Refused(absl::Status status,
                         Refusal refusal = Refusal::kNone) {
  UploadBody::Read read;
  read.result = Result::kRefused;
  read.status = std::move(status);
  read.refusal = refusal;
  return read;
}

// RFC 7578, section 4.7: other transfer encodings are obsolete.
bool IsPlain(const std::string& encoding) {
  return encoding.empty() || encoding == "binary" || encoding == "8bit" ||
         encoding == "7bit";
}

}  // namespace

UploadBody::UploadBody(Connection& connection, Limits limits)
    : connection_(connection), limits_(limits) {}

UploadBody::UploadBody(Connection& connection, Limits limits,
                       std::string_view boundary)
    : connection_(connection), limits_(limits), form_(boundary) {}

asio::awaitable<UploadBody::Read> UploadBody::ReadBody() {
  begun_ = true;
  auto body = co_await connection_.ReadBody(limits_.piece_bytes);
  Read read;
  switch (body.result) {
    case Connection::BodyRead::Result::kData:
      read.result = Result::kData;
      read.data = std::move(body.data);
      break;
    case Connection::BodyRead::Result::kEnd:
      read.result = Result::kEnd;
      break;
    case Connection::BodyRead::Result::kTimeout:
      read =
          Refused(MakeError(Reason::kRequestTimeout, "the body did not arrive"),
                  Refusal::kTimeout);
      break;
    case Connection::BodyRead::Result::kMalformed:
      read = Refused(InvalidField(
          "body", "is not well-formed: its chunks must be as RFC 9112 has them",
          Reason::kMalformedHttp));
      break;
    case Connection::BodyRead::Result::kInterrupted:
      read.result = Result::kInterrupted;
      break;
    case Connection::BodyRead::Result::kBroken:
      read.result = Result::kBroken;
      break;
  }
  co_return read;
}

asio::awaitable<UploadBody::Read> UploadBody::ReadPiece() {
  Read read;
  if (form_) {
    read = co_await ReadFile();
  } else {
    read = co_await ReadBody();
  }
  total_ += read.data.size();
  if (limits_.max_bytes != 0 && total_ > limits_.max_bytes) {
    read = Refused(
        InvalidField("body",
                     fmt::format("must be at most {} bytes", limits_.max_bytes),
                     Reason::kTooManyBytes),
        Refusal::kBodyTooLarge);
  }
  co_return read;
}

asio::awaitable<UploadBody::Read> UploadBody::ReadFields() {
  Read read;
  while (true) {
    const auto event = form_->Next();
    if (!event.ok()) co_return Refused(event.status());
    const FormPart& part = form_->part();
    if (*event == Event::kNeedMore) {
      read = co_await ReadBody();
      if (read.result == Result::kEnd) {
        co_return Refused(InvalidField("body", "ends within the form"));
      }
      if (read.result != Result::kData) co_return read;
      form_->Feed(std::move(read.data));
    } else if (*event == Event::kEnd) {
      co_return Refused(InvalidField(
          "body", "must have one part with a file name: the file"));
    } else if (*event == Event::kPart && !IsPlain(part.transfer_encoding)) {
      co_return Refused(
          InvalidField(part.name,
                       "must not have a Content-Transfer-Encoding; send the "
                       "bytes as they are",
                       Reason::kUnsupportedMediaType),
          Refusal::kMediaType);
    } else if (*event == Event::kPart && part.is_file) {
      file_ = part;
      read.result = Result::kData;
      co_return read;
    } else if (*event == Event::kPart) {
      if (!fields_.empty()) fields_ += '&';
      fields_ += PercentEncode(part.name) + '=';
      text_bytes_ += part.name.size();
    } else if (*event == Event::kData) {
      const absl::Status taken = TakeText(form_->TakeData());
      if (!taken.ok()) co_return Refused(taken, Refusal::kBodyTooLarge);
    }
  }
}

absl::Status UploadBody::TakeText(const std::string& bytes) {
  text_bytes_ += bytes.size();
  if (text_bytes_ > kMaxFormText) {
    return InvalidField(
        form_->part().name,
        fmt::format("is too long: the form's texts may have {} bytes in all",
                    kMaxFormText),
        Reason::kTooManyBytes);
  }
  fields_ += PercentEncode(bytes);
  return absl::OkStatus();
}

asio::awaitable<UploadBody::Read> UploadBody::ReadFile() {
  Read read;
  while (true) {
    const auto event = form_->Next();
    if (!event.ok()) co_return Refused(event.status());
    if (*event == Event::kNeedMore) {
      read = co_await ReadBody();
      if (read.result == Result::kEnd && !form_->ended()) {
        co_return Refused(InvalidField("body", "ends within the form"));
      }
      if (read.result != Result::kData) co_return read;
      form_->Feed(std::move(read.data));
    } else if (*event == Event::kData) {
      read.result = Result::kData;
      read.data = form_->TakeData();
      co_return read;
    } else if (*event == Event::kPart) {
      co_return Refused(InvalidField(
          form_->part().name, form_->part().is_file
                                  ? "is a second file; send one at a time"
                                  : "must come before the file"));
    }
  }
}

}  // namespace pinhole::gateway
