// SPDX-License-Identifier: Apache-2.0

// A form says the same in pieces of whatever size, and what it says can be said
// again.  An input is a byte for the size of the pieces, a line for the
// Content-Type, then the body.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fmt/format.h"
#include "gateway/http/multipart.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

// What a form said: its parts, written so that they are a form again.
struct Said {
  std::string form;
  bool refused = false;
  bool ended = false;
};

std::string Quote(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("\"{}\"", quoted);
}

std::string PartHead(std::string_view boundary, const FormPart& part) {
  std::string head = fmt::format(
      "--{}\r\nContent-Disposition: form-data; name={}{}\r\n", boundary,
      Quote(part.name), part.is_file ? "; filename=\"\"" : "");
  if (!part.content_type.empty()) {
    head += fmt::format("Content-Type: {}\r\n", part.content_type);
  }
  if (!part.transfer_encoding.empty()) {
    head += fmt::format("Content-Transfer-Encoding: {}\r\n",
                        part.transfer_encoding);
  }
  return head + "\r\n";
}

Said Read(std::string_view boundary, std::string_view body, std::size_t piece) {
  using Event = MultipartParser::Event;
  MultipartParser parser(boundary);
  const std::string delimiter = fmt::format("\r\n--{}", boundary);
  Said said;
  std::string data;
  while (true) {
    const auto event = parser.Next();
    if (!event.ok()) {
      said.refused = true;
      return said;
    }
    switch (*event) {
      case Event::kNeedMore: {
        if (body.empty()) return said;
        const std::size_t size = std::min(piece, body.size());
        parser.Feed(std::string(body.substr(0, size)));
        body.remove_prefix(size);
        break;
      }
      case Event::kPart:
        said.form += PartHead(boundary, parser.part());
        data.clear();
        break;
      case Event::kData: {
        const std::string more = parser.TakeData();
        Expect(!more.empty(), "there is data where data is told");
        data += more;
        said.form += more;
        break;
      }
      case Event::kPartEnd:
        Expect(data.find(delimiter) == std::string::npos,
               "the data of a part has no boundary", data);
        said.form += "\r\n";
        break;
      case Event::kEnd:
        Expect(!said.ended, "a form ends once");
        said.ended = true;
        said.form += fmt::format("--{}--\r\n", boundary);
        break;
    }
  }
}

void Check(std::string_view content_type, std::string_view body,
           std::size_t piece) {
  const auto boundary = FindBoundary(content_type);
  if (!boundary) return;
  Expect(!boundary->empty() && boundary->size() <= 70,
         "a boundary has 1 to 70 characters", *boundary);
  const Said whole = Read(*boundary, body, body.size() + 1);
  const Said pieces = Read(*boundary, body, piece);
  Expect(whole.form == pieces.form && whole.refused == pieces.refused &&
             whole.ended == pieces.ended,
         "a form says the same in pieces", pieces.form);
  if (!whole.ended) return;
  const Said again = Read(*boundary, whole.form, piece);
  Expect(again.ended && again.form == whole.form,
         "what a form says can be said again", whole.form);
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = pinhole::gateway::Text(data + 1, size - 1);
  const std::size_t line = std::min(text.find('\n'), text.size());
  pinhole::gateway::Check(text.substr(0, line),
                          text.substr(std::min(line + 1, text.size())),
                          data[0] % 16 + 1u);
  return 0;
}
