// SPDX-License-Identifier: Apache-2.0

// The other headers of a request.  The first byte of an input says which, and
// the rest is its value; of `h`, whole lines.

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/request_id.h"
#include "gateway/handlers/event_stream.h"
#include "gateway/http/accept.h"
#include "gateway/http/compression.h"
#include "gateway/http/cors.h"
#include "gateway/http/disposition.h"
#include "gateway/http/entity_tag.h"
#include "gateway/upstream/call_headers.h"
#include "pinhole/v1/content_type.h"
#include "pinhole/v1/social_service.pb.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// Whether `part`, which is in lower case, is in the text in any case.
bool HasText(std::string_view text, std::string_view part) {
  const std::string lower = absl::AsciiStrToLower({text.data(), text.size()});
  return lower.find(part) != std::string::npos;
}

RequestHead HeadWith(const std::string& name, std::string_view value) {
  RequestHead head;
  head.method = "GET";
  head.headers.emplace_back(name, std::string(value));
  return head;
}

void CheckTags(std::string_view text) {
  const std::string tag = "\"abc-7\"";
  const std::string listed = tag + ", " + std::string(text);
  Expect(MatchesEtag(listed, tag), "a tag in front is found", text);
  Expect(MeetsIfMatch(HeadWith("if-match", listed), tag),
         "a strong tag in front is found", text);
  if (MatchesEtag(text, tag)) {
    Expect(HasText(text, "abc-7") || HasText(text, "*"),
           "only what is in the list is found", text);
  } else {
    Expect(!MeetsIfMatch(HeadWith("if-match", text), tag),
           "what is found strongly is found weakly", text);
  }
  Expect(MatchesIfRange(text, tag) == (text.empty() || text == tag),
         "a range goes on with the same bytes only", text);
}

void CheckAccept(std::string_view text) {
  const std::vector<std::string_view> types = {"application/json", "image/png"};
  const HeaderList headers = HeadWith("accept", text).headers;
  const auto chosen = ChooseType(headers, types);
  Expect(!chosen || *chosen < types.size(), "a type is one of ours", text);
  if (chosen == 1u) {
    Expect(HasText(text, "image/") || HasText(text, "json") ||
               HasText(text, "application/*") || HasText(text, "*/*"),
           "the second type is asked for", text);
  }
  ChooseStreamForm(headers);
}

void CheckEncodings(std::string_view text) {
  if (AcceptsGzip(HeadWith("accept-encoding", text))) {
    Expect(HasText(text, "gzip") || HasText(text, "*"), "gzip is asked for",
           text);
  }
  if (ContentEncoding(HeadWith("content-encoding", text)) == Encoding::kGzip) {
    Expect(HasText(text, "gzip"), "gzip is stated", text);
  }
}

void CheckTimeout(std::string_view text) {
  const auto timeout = ParseGrpcTimeout(text);
  if (!timeout) return;
  Expect(
      *timeout >= absl::ZeroDuration() && *timeout <= absl::Hours(99'999'999),
      "a timeout has eight digits at most", text);
  Expect(text.size() >= 2 && text.size() <= 9, "and a unit", text);
}

void CheckRequestId(std::string_view text) {
  const std::string id = ChooseRequestId(text);
  Expect(!id.empty() && id.size() <= 64 &&
             std::all_of(id.begin(), id.end(),
                         [](unsigned char c) {
                           return (c < 0x80 && std::isalnum(c) != 0) ||
                                  c == '.' || c == '_' || c == '-';
                         }),
         "an id is fit for logs", id);
  Expect(ChooseRequestId(id) == id, "an id stays what it is", id);
}

void CheckMediaType(std::string_view text) {
  v1::RawBody upload;
  upload.add_content_types("image/png");
  upload.add_content_type_synonyms("image/x-png");
  const std::string type = v1::MediaType(text);
  Expect(v1::MediaType(type) == type, "a type stays what it is", text);
  Expect(type.find(';') == std::string::npos, "a type has no parameters", text);
  const bool accepted = v1::MayBeAccepted(text, upload);
  Expect(accepted == v1::MayBeAccepted(type, upload),
         "parameters make no difference", text);
  Expect(accepted == (v1::IsUnspecific(text) || type == "image/png" ||
                      type == "image/x-png" || type == "image/*"),
         "what may be accepted is listed", text);
}

void CheckContent(std::string_view text) {
  HeaderList headers;
  AddContentHeaders(std::string(text), &headers);
  for (const auto& [name, value] : headers) {
    Expect(IsPrintable(name) && IsPrintable(value),
           "no header can be smuggled in", text);
  }
}

void CheckCors(std::string_view text) {
  ResponsePolicy policy;
  policy.cors_origins = {"https://a.example"};
  RequestHead head = HeadWith("origin", text);
  head.method = "OPTIONS";
  head.headers.emplace_back("access-control-request-method", std::string(text));
  head.headers.emplace_back("access-control-request-headers",
                            std::string(text));
  Response response;
  AddCorsHeaders(head, policy, &response);
  for (const auto& [name, value] : response.headers) {
    Expect(
        name != "Access-Control-Allow-Origin" || value == "https://a.example",
        "only the pages of the policy may read", text);
  }
  if (IsPreflight(head, policy)) {
    AddPreflightHeaders(head, policy, {"GET"}, &response);
  }
  if (CheckOrigin(text).ok()) {
    Expect(IsPrintable(text), "an origin is printable", text);
  }
}

// Lines of `name: value`.
void CheckLines(std::string_view text) {
  RequestHead head;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    head.headers.emplace_back(std::string(line.substr(0, colon)),
                              std::string(line.substr(colon + 1)));
  }
  const HeaderPolicy policy = {.requests = {"x-own", "x-bytes-bin"},
                               .answers = {}};
  CheckCallHeaders(head, policy).IgnoreError();
  const ClientAddress client =
      ClientAddressResolver().Find(head.headers, "ipv4:192.0.2.1:5", "");
  const CallHeaders headers =
      MakeCallHeaders(head, "id", client, "ipv4:192.0.2.1:5", policy);
  for (const auto& [name, value] : headers.metadata) {
    Expect(name == "x-bytes-bin" || IsPrintable(value),
           "gRPC takes every value", value);
    if (name != "x-forwarded-for") continue;
    Expect(value == "192.0.2.1", "the client is named, and nobody else", value);
  }
}

void CheckLastEventId(std::string_view text) {
  Route route;
  route.method = v1::WatchFeedRequest::descriptor()
                     ->file()
                     ->FindServiceByName("SocialService")
                     ->FindMethodByName("WatchFeed");
  Expect(
      FindEventFields(*route.method, route.raw_response, &route.events).ok() &&
          !route.events.resume.empty(),
      "the feed is a stream of events");
  v1::WatchFeedRequest request;
  const auto status = ApplyLastEventId(route, text, request);
  const auto* field = route.events.resume.front();
  const std::string set = request.GetReflection()->GetString(request, field);
  Expect(set == (status.ok() ? text : ""), "the id is taken as it is", text);
}

void Check(char kind, std::string_view text) {
  switch (kind) {
    case 'a':
      return CheckAccept(text);
    case 'c':
      return CheckContent(text);
    case 'e':
      return CheckTags(text);
    case 'h':
      return CheckLines(text);
    case 'i':
      return CheckRequestId(text);
    case 'l':
      return CheckLastEventId(text);
    case 'm':
      return CheckMediaType(text);
    case 'o':
      return CheckCors(text);
    case 't':
      return CheckTimeout(text);
    case 'z':
      return CheckEncodings(text);
    default:
      return;
  }
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  pinhole::gateway::Check(static_cast<char>(data[0]),
                          pinhole::gateway::Text(data + 1, size - 1));
  return 0;
}
