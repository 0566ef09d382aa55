// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/multipart.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"

namespace pinhole::gateway {
namespace {

constexpr std::size_t kMaxBoundary = 70;
constexpr absl::string_view kBlanks = " \t";

absl::Status Malformed(std::string_view rule) {
  return InvalidField(
      "body", fmt::format("is not valid multipart/form-data: {}", rule));
}

absl::string_view ForAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

absl::string_view TrimLeft(absl::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

bool IsTokenCharacter(char c) {
  return c > ' ' && c < 0x7f &&
         absl::string_view("()<>@,;:\\\"/[]?={}").find(c) ==
             absl::string_view::npos;
}

// Takes a quoted string or a token from the front.
std::optional<std::string> TakeValue(absl::string_view* text) {
  std::string value;
  if (text->empty() || text->front() != '"') {
    const auto* const end =
        std::find_if_not(text->begin(), text->end(), IsTokenCharacter);
    value.assign(text->begin(), end);
    text->remove_prefix(value.size());
    if (value.empty()) return std::nullopt;
    return value;
  }
  for (std::size_t i = 1; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '"') {
      text->remove_prefix(i + 1);
      return value;
    }
    // A single backslash is literal: old browsers send the path of a file.
    const bool escapes = c == '\\' && i + 1 < text->size() &&
                         ((*text)[i + 1] == '"' || (*text)[i + 1] == '\\');
    if (escapes) ++i;
    value += (*text)[i];
  }
  return std::nullopt;
}

struct Parameter {
  std::string name;  // In lower case.
  std::string value;
};

// Parses the parameters after the first `;` of a header value; returns nothing
// if they are malformed.
std::optional<std::vector<Parameter>> ParseParameters(absl::string_view text) {
  std::vector<Parameter> result;
  text.remove_prefix(std::min(text.find(';'), text.size()));
  while (!text.empty()) {
    if (text.front() != ';') return std::nullopt;
    text = TrimLeft(text.substr(1));
    if (text.empty()) break;
    const auto equals = text.find('=');
    if (equals == absl::string_view::npos) return std::nullopt;
    Parameter parameter;
    parameter.name = absl::AsciiStrToLower(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    auto value = TakeValue(&text);
    if (!value) return std::nullopt;
    parameter.value = *std::move(value);
    result.push_back(std::move(parameter));
    text = TrimLeft(text);
  }
  return result;
}

absl::Status TakeDisposition(absl::string_view value, FormPart* part) {
  const auto parameters = ParseParameters(value);
  const absl::string_view kind =
      absl::StripTrailingAsciiWhitespace(value.substr(0, value.find(';')));
  if (!parameters || !absl::EqualsIgnoreCase(kind, "form-data")) {
    return Malformed("a part's Content-Disposition must be form-data");
  }
  for (const Parameter& parameter : *parameters) {
    if (parameter.name == "name") part->name = parameter.value;
    if (parameter.name == "filename" || parameter.name == "filename*") {
      part->is_file = true;
    }
  }
  return absl::OkStatus();
}

absl::Status TakeHeader(absl::string_view line, FormPart* part) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == absl::string_view::npos ||
      !std::all_of(line.begin(), line.begin() + colon, IsTokenCharacter) ||
      std::any_of(line.begin(), line.end(),
                  [](char c) { return c == '\r' || c == '\n' || c == '\0'; })) {
    return Malformed("a part has a malformed header");
  }
  const std::string name = absl::AsciiStrToLower(line.substr(0, colon));
  const absl::string_view value =
      absl::StripAsciiWhitespace(line.substr(colon + 1));
  if (name == "content-disposition") return TakeDisposition(value, part);
  if (name == "content-type") part->content_type = std::string(value);
  if (name == "content-transfer-encoding") {
    part->transfer_encoding = absl::AsciiStrToLower(value);
  }
  return absl::OkStatus();
}

// Returns how many bytes at the end of `text` could begin `delimiter`.
std::size_t BegunAtEnd(std::string_view text, std::string_view delimiter) {
  std::size_t size = std::min(text.size(), delimiter.size() - 1);
  while (text.substr(text.size() - size) != delimiter.substr(0, size)) --size;
  return size;
}

}  // namespace

std::optional<std::string> FindBoundary(std::string_view content_type) {
  const auto parameters = ParseParameters(ForAbsl(content_type));
  if (!parameters) return std::nullopt;
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  for (const Parameter& parameter : *parameters) {
    if (parameter.name != "boundary") continue;
    const std::string& value = parameter.value;
    if (value.empty() || value.size() > kMaxBoundary || value.back() == ' ' ||
        !std::all_of(value.begin(), value.end(), [&](char c) {
          return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                 kMarks.find(c) != std::string_view::npos;
        })) {
      return std::nullopt;
    }
    return value;
  }
  return std::nullopt;
}

// The first boundary has no line break before it.
MultipartParser::MultipartParser(std::string_view boundary)
    : delimiter_(fmt::format("\r\n--{}", boundary)), buffer_("\r\n") {}

void MultipartParser::Feed(std::string bytes) {
  if (buffer_.empty()) {
    buffer_ = std::move(bytes);
  } else {
    buffer_ += bytes;
  }
}

absl::StatusOr<MultipartParser::Event> MultipartParser::Next() {
  while (true) {
    auto event = Step();
    if (!event.ok()) return std::move(event).status();
    if (*event) return **event;
  }
}

absl::StatusOr<std::optional<MultipartParser::Event>> MultipartParser::Step() {
  switch (state_) {
    case State::kBefore: {
      const Event event = TakeUntilBoundary();
      if (event == Event::kPartEnd) return std::optional<Event>();
      const absl::Status skipped = Skip(data_.size());
      if (!skipped.ok()) return skipped;
      if (event == Event::kData) return std::optional<Event>();
      return event;
    }
    case State::kBoundary:
      return EndBoundary();
    case State::kHeaders:
      return TakeHeaders();
    case State::kData:
      return TakeUntilBoundary();
    case State::kAfter: {
      const absl::Status skipped = Skip(buffer_.size());
      buffer_.clear();
      if (!skipped.ok()) return skipped;
      return Event::kNeedMore;
    }
  }
  return Event::kNeedMore;
}

// Parses what follows a boundary: `--` after the last one, else a line break.
absl::StatusOr<std::optional<MultipartParser::Event>>
MultipartParser::EndBoundary() {
  if (buffer_.size() >= 2 && buffer_.compare(0, 2, "--") == 0) {
    state_ = State::kAfter;
    skipped_ = 0;
    return Event::kEnd;
  }
  const std::size_t end =
      std::min(buffer_.find_first_not_of(" \t"), buffer_.size());
  if (end > kMaxPartHeaders)
    return Malformed("the line of a boundary is too long");
  if (buffer_.size() < end + 2) {
    const bool hopeful =
        buffer_.size() == end || buffer_[end] == '\r' || buffer_ == "-";
    if (!hopeful)
      return Malformed("a boundary must be followed by a line break");
    return Event::kNeedMore;
  }
  if (buffer_.compare(end, 2, "\r\n") != 0) {
    return Malformed("a boundary must be followed by a line break");
  }
  // Keep the line break, so that empty headers also end with two.
  buffer_.erase(0, end);
  state_ = State::kHeaders;
  return std::optional<Event>();
}

absl::StatusOr<std::optional<MultipartParser::Event>>
MultipartParser::TakeHeaders() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const std::size_t end = buffer_.find(kEnd);
  // The buffer can hold a part of the blank line that ends them.
  const std::size_t least =
      std::min(end, buffer_.size() - std::min(buffer_.size(), kEnd.size() - 1));
  if (least > kMaxPartHeaders) {
    return Malformed(fmt::format("a part's headers must be at most {} bytes",
                                 kMaxPartHeaders));
  }
  if (end == std::string::npos) return Event::kNeedMore;
  if (++parts_ > kMaxParts) {
    return Malformed(fmt::format("at most {} parts are allowed", kMaxParts));
  }
  part_ = FormPart();
  absl::string_view rest(buffer_.data(), end);
  while (!rest.empty()) {
    rest.remove_prefix(2);  // Skip the line break before the headers.
    const absl::string_view line =
        rest.substr(0, std::min(rest.find("\r\n"), rest.size()));
    rest.remove_prefix(line.size());
    if (absl::Status status = TakeHeader(line, &part_); !status.ok()) {
      return status;
    }
  }
  if (part_.name.empty()) return Malformed("a part has no name");
  buffer_.erase(0, end + kEnd.size());
  state_ = State::kData;
  return Event::kPart;
}

// Moves bytes before the next boundary to `data_`.
MultipartParser::Event MultipartParser::TakeUntilBoundary() {
  const std::size_t found = buffer_.find(delimiter_);
  if (found == 0) {
    buffer_.erase(0, delimiter_.size());
    state_ = State::kBoundary;
    return Event::kPartEnd;
  }
  const std::size_t size =
      found != std::string::npos
          ? found
          : buffer_.size() - BegunAtEnd(buffer_, delimiter_);
  if (size == 0) {
    data_.clear();
    return Event::kNeedMore;
  }
  std::string rest = buffer_.substr(size);
  buffer_.resize(size);
  data_ = std::exchange(buffer_, std::move(rest));
  return Event::kData;
}

absl::Status MultipartParser::Skip(std::size_t size) {
  skipped_ += size;
  if (skipped_ > kMaxAround)
    return Malformed("there is too much text outside the parts");
  return absl::OkStatus();
}

}  // namespace pinhole::gateway
